"""Fields that several doors take alike."""

from __future__ import annotations

from rest_framework import serializers

MOST_CENTS = 100_000_000


def price_field(help_text: str, *, required: bool = False) -> serializers.IntegerField:
    """A price in whole cents; the service says whether it is the right one."""
    return serializers.IntegerField(
        min_value=0, max_value=MOST_CENTS, required=required, help_text=help_text
    )
