"""Fields that several doors take alike."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ONCE = "Null where the request is sent again under its Idempotency-Key."

CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
DIGITS = "[0-9]{2}"
MOMENT = (
    f"^[0-9]{{4}}-{DIGITS}-{DIGITS}"
    f"(T{DIGITS}:{DIGITS}(:{DIGITS}([.][0-9]{{1,6}})?)?(Z|[+-]{DIGITS}:{DIGITS})?)?$"
)
LONGEST_TIME = 40
MOST_CENTS = 100_000_000


@extend_schema_field(CLOCK)
class ClockField(serializers.TimeField):
    """A time by somebody's clock, as in 09:00: it has no zone of its own."""


def one_or_all(one: str, *others: str) -> dict[str, Any]:
    """JSON Schema of a body that has one field, or else all of some others, but not both."""
    none = {"not": {"anyOf": [{"required": [name]} for name in others]}}
    return {"if": {"required": [one]}, "then": none, "else": {"required": list(others)}}


def both_or_none(one: str, other: str) -> dict[str, Any]:
    """JSON Schema of a body that has two fields, or neither of them."""
    return {"dependentRequired": {one: [other], other: [one]}}


def counted_by(field: str, word: str, counts: tuple[int, int], listed: str) -> dict[str, Any]:
    """JSON Schema of a list that is so long where a field is a word, and so long where not."""
    then, otherwise = (
        {"properties": {listed: {"minItems": count, "maxItems": count}}} for count in counts
    )
    is_so = {"properties": {field: {"const": word}}, "required": [field]}
    return {"if": is_so, "then": then, "else": otherwise}


class SecretField(serializers.CharField):
    """Shown once: whoever missed it has another one made."""

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_null=True, **how | {"help_text": f"{how['help_text']} {ONCE}"})


@extend_schema_field({"type": "string", "format": "date"})
class DayField(serializers.CharField):
    """A day as 2027-03-01; the door reads it, and says what is wrong with it."""

    def __init__(self, **how: Any) -> None:
        super().__init__(max_length=LONGEST_TIME, **how)


@extend_schema_field({"type": "string", "pattern": MOMENT})
class MomentField(serializers.RegexField):
    """An instant as 2027-03-01T09:00, by the clocks there, or with an offset."""

    def __init__(self, **how: Any) -> None:
        super().__init__(MOMENT, max_length=LONGEST_TIME, **how)


def price_field(help_text: str, *, required: bool = False) -> serializers.IntegerField:
    """A price in whole cents; the service says whether it is the right one."""
    return serializers.IntegerField(
        min_value=0, max_value=MOST_CENTS, required=required, help_text=help_text
    )
