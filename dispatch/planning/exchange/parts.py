"""A JSON file taken apart: every part knows where it stands and notes what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NOT_PLANNED = frozenset(
    {
        "shipments", "pickup", "delivery", "amount", "capacity", "max_load", "costs", "distances",
        "max_distance", "speed_factor", "steps", "type", "setup_per_type", "service_per_type",
    }
)  # fmt: skip
"""What the format knows and the planner does not."""


class Refused(Exception):
    """A file that is not planned; every fault is one line that begins with its path."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the file. What reads it notes a fault and goes on with something harmless."""

    value: Any
    path: str
    faults: list[str]

    def refuse(self, sentence: str) -> None:
        self.faults.append(f"{self.path or 'the file'}: {sentence}")

    def fields(self, known: frozenset[str], needed: frozenset[str]) -> dict[str, Part]:
        """The parts of an object by name; unknown and missing names are faults."""
        named = self.members()
        if not isinstance(self.value, dict):
            return named
        for name in sorted(needed - named.keys()):
            self.child(name, None).refuse("is missing")
        for name in sorted(named.keys() - known):
            named.pop(name).refuse(
                "is part of the format, but not planned" if name in NOT_PLANNED else "is not known"
            )
        return named

    def members(self) -> dict[str, Part]:
        """The parts of an object whose names may be any."""
        if not isinstance(self.value, dict):
            self.refuse("must be an object")
            return {}
        return {name: self.child(name, value) for name, value in self.value.items()}

    def items(self, length: int | None = None) -> list[Part]:
        """The parts of an array, of a given length."""
        if not isinstance(self.value, list):
            self.refuse("must be an array")
            return []
        if length is not None and len(self.value) != length:
            self.refuse(f"must hold {length} values")
            return []
        return [Part(v, f"{self.path}[{i}]", self.faults) for i, v in enumerate(self.value)]

    def whole(self, most: int) -> int:
        """A whole number from 0 to ``most``."""
        if type(self.value) is not int or not 0 <= self.value <= most:
            self.refuse(f"must be a whole number from 0 to {most}")
            return 0
        return self.value

    def degrees(self, most: int) -> float:
        """A number from -``most`` to ``most``."""
        if type(self.value) not in {int, float} or not -most <= self.value <= most:
            self.refuse(f"must be a number from -{most} to {most}")
            return 0.0
        return float(self.value)

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse("must be a text")
            return ""
        return self.value

    def child(self, name: str, value: object) -> Part:
        spelled = name if name.isidentifier() else json.dumps(name)
        return Part(value, f"{self.path}.{spelled}" if self.path else spelled, self.faults)


def parse(text: bytes) -> Part:
    """The whole file as one part. Raises ``Refused`` where it is no JSON, or holds what JSON does
    not know (NaN) or leaves open (a name that stands twice in one object)."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError:
        raise Refused("the file: is nested too deeply") from None
    except ValueError as fault:
        raise Refused(f"the file: is not JSON: {fault}") from None
    return Part(value, "", [])


def unique(named: Sequence[dict[str, Part]], ids: Sequence[int]) -> None:
    """Refuse every id that another had before it."""
    seen: dict[int, str] = {}
    for fields, one in zip(named, ids, strict=True):
        if "id" in fields and fields["id"].value == one:
            first = seen.setdefault(one, fields["id"].path)
            if first != fields["id"].path:
                fields["id"].refuse(f"is {one}, as {first} is")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{json.dumps(twice)} stands twice in one object")
    return found


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
