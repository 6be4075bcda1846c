"""``expand``: what visits refer to, shown along with them to whoever may read it by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.door import Answer
from api.policy import POLICY
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.selectors import expanding
from dispatch.selectors.visits import VisitLine

DOORS = {"patient": "Patients", "nurse": "Nurses", "location": "Locations",
         "companion": "Companions"}  # fmt: skip
"""Who may read a list may have its lines shown here."""
LONGEST = 100

EXPAND = OpenApiParameter(
    "expand",
    {"type": "array", "items": {"type": "string", "enum": sorted(DOORS)}},
    description="What to show along, as far as one's role may read it, apart by commas.",
    style="form",
    explode=False,
)


class ExpandedOut(Answer[expanding.Expanded]):
    class Meta:
        dataclass = expanding.Expanded


def expand_in(request: Request, by: Actor) -> frozenset[str]:
    """Return what is to be shown along; Invalid where it is nothing that the role may read."""
    names = request.query_params.get("expand", "")[:LONGEST].split(",")
    asked = frozenset(name for name in names if name)
    allowed = {name for name, door in DOORS.items() if by.role in POLICY[door]["GET"]}
    if not asked <= allowed:
        known = ", ".join(sorted(allowed)) or "nothing"
        raise Invalid({"expand": f"To your role can be shown: {known}."})
    return asked


def with_expanded(
    shown: list[dict[str, Any]], lines: Iterable[VisitLine], names: frozenset[str], by: Actor
) -> list[dict[str, Any]]:
    """Add ``expanded`` to visits as they are shown, where anything was asked for."""
    if not names:
        return shown
    lines = list(lines)
    found = expanding.expanded(by, lines, names)
    return [
        {**one, "expanded": ExpandedOut(found[line.id]).data}
        for one, line in zip(shown, lines, strict=True)
    ]
