"""Holds a body to the types of JSON that the document tells of, before its values are looked at.

REST Framework would take "7" for 7, 1 for true and a number for a text; the document says no such
thing, and a client that sends them has a fault of its own that is better told than guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
Field = serializers.Field[Any, Any, Any, Any]
MOST_EXACT = 2**53

TEXTS = (
    serializers.CharField,
    serializers.ChoiceField,
)


def check_types(serializer: serializers.Serializer[Any], body: Any) -> None:
    """Raise ValidationError with the path of every value of another type than the field's."""
    if faults := dict(_faults(serializer, body, "")):
        raise ValidationError({path: [sentence] for path, sentence in faults.items()})


def _faults(field: Field, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """What is missing, null or no object or list at all is the fields' own to tell."""
    if isinstance(field, serializers.Serializer):
        if isinstance(value, Mapping):
            for name, inner in field.fields.items():
                if value.get(name) is not None:
                    yield from _faults(inner, value[name], f"{path}.{name}".lstrip("."))
    elif isinstance(field, serializers.ListField):
        for at, inner in enumerate(value if isinstance(value, list) else ()):
            if inner is not None:
                yield from _faults(field.child, inner, f"{path}.{at}")
    elif (sentence := _fault(field, value)) is not None:
        yield path, sentence


def _fault(field: Field, value: Any) -> str | None:
    if isinstance(field, serializers.UUIDField):
        text = value if isinstance(value, str) else ""
        return None if UUID.fullmatch(text) else "Must be a valid UUID."
    if isinstance(field, serializers.BooleanField):
        return None if isinstance(value, bool) else "Must be true or false."
    if isinstance(field, serializers.IntegerField):
        return None if _whole(value) else "A valid integer is required."
    if isinstance(field, serializers.TimeField):
        return None if CLOCK.fullmatch(str(value)) else "Write a time as 09:00."
    if isinstance(field, TEXTS):
        return None if isinstance(value, str) else "Not a valid string."
    return None


def _whole(value: Any) -> bool:
    """To JSON 7.0 and 7 are one number."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) < MOST_EXACT
    return isinstance(value, int) and not isinstance(value, bool)
