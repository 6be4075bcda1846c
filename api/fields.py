"""Fields that several doors take alike."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
MOST_CENTS = 100_000_000


@extend_schema_field(CLOCK)
class ClockField(serializers.TimeField):
    """A time by somebody's clock, as in 09:00: it has no zone of its own."""


def price_field(help_text: str, *, required: bool = False) -> serializers.IntegerField:
    """A price in whole cents; the service says whether it is the right one."""
    return serializers.IntegerField(
        min_value=0, max_value=MOST_CENTS, required=required, help_text=help_text
    )
