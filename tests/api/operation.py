"""What one row of the table of writing operations says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.api.town import Town


@dataclass(frozen=True)
class Operation:
    """``fields`` tells the kind of each; a dotted name is a field within a field."""

    door: str
    method: str
    role: str
    path: Callable[[Town], str]
    body: Callable[[Town], dict[str, Any] | None]
    fields: dict[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.door}"


def post(door: str, role: str, path: str, body: Any, fields: dict[str, str], needed: str = ""):
    """An operation whose address is the same for everybody."""
    return Operation(door, "POST", role, lambda _: path, body, fields, tuple(needed.split()))


def on_visit(door: str, role: str, verb: str, body: Any, fields: dict[str, str], needed: str = ""):
    method = "PUT" if door == "VisitCompanion" else "POST"
    path = lambda town: f"visits/{town.assigned}/{verb}"  # noqa: E731
    return Operation(door, method, role, path, body, fields, tuple(needed.split()))
