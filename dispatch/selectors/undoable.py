"""What a dispatcher did last by hand and can still undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor
from dispatch.domain.visit import Status
from dispatch.models import Assignment


@dataclass(frozen=True, slots=True)
class Undoable:
    """A visit that was given to a nurse, and the version it has had since; times as instants."""

    visit: UUID
    version: int
    nurse_name: str
    window_start: datetime
    zone: str
    at: datetime


def last_by_hand(by: Actor) -> Undoable | None:
    """Return the last assignment that was made by the hand of ``by``; None where the visit has
    changed since, or goes to its nurse already."""
    given = (
        Assignment.objects.filter(
            market_id=by.market_id, assigned_by_id=by.user_id, before__isnull=False
        )
        .select_related("visit__location", "nurse")
        .order_by("-since", "-id")
        .first()
    )
    if given is None or given.before is None or given.until is not None:
        return None
    visit = given.visit
    if visit.version != given.before["version"] or visit.status != Status.ASSIGNED.value:
        return None
    return Undoable(
        visit.id,
        visit.version,
        given.nurse.name,
        visit.window_start,
        visit.location.zone,
        given.since,
    )
