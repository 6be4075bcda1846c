"""What a field event says of a vial of a controlled drug."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Movement:
    """What has happened to a vial; ``late`` is told after the event by a phone that was offline."""

    kind: str
    vial: str
    visit_id: UUID
    at: datetime
    event_id: UUID
    late: bool


def movement_of(
    event_type: str,
    data: Mapping[str, Any],
    *,
    event_id: UUID,
    visit_id: UUID,
    at: datetime,
    late: bool,
) -> Movement:
    """Return what a field event says, from data whose form was checked when it came in."""
    return Movement(event_type, data["vial"], visit_id, at, event_id, late)
