"""Who has a visit: the only code that writes assignments, and knows of whom the patient was told.

The visit and the shift of its reservation are locked by the caller; ``schedule.settle`` follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch import outbox
from dispatch.domain.clock import service_date
from dispatch.domain.events import NurseChanged, VisitAssigned, VisitUnassigned
from dispatch.domain.jobs import announced_from
from dispatch.domain.people import Actor
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Assignment, Shift, Visit


@dataclass(frozen=True, slots=True)
class Before:
    """How a visit stood before a hand gave it to a nurse: on which shift its time was kept, if on
    any, in which window, and whom the patient had asked for."""

    status: Status
    shift_id: UUID | None
    window_start: datetime
    window_end: datetime
    promised: bool
    asked_nurse_id: UUID | None

    @classmethod
    def of(cls, visit: Visit) -> Before:
        """Look at the visit before anything of it is changed."""
        held = visit.reservation
        return cls(
            status=Status(visit.status),
            shift_id=None if held is None else held.shift_id,
            window_start=visit.window_start,
            window_end=visit.window_end,
            promised=visit.window_promised,
            asked_nurse_id=visit.asked_nurse_id,
        )

    def as_fact(self, version: int) -> dict[str, Any]:
        """Return it as JSON, with the version that the visit had after the change."""
        return {
            "version": version,
            "status": self.status.value,
            "shift": None if self.shift_id is None else str(self.shift_id),
            "window": [self.window_start.isoformat(), self.window_end.isoformat()],
            "promised": self.promised,
            "asked_nurse": None if self.asked_nurse_id is None else str(self.asked_nurse_id),
        }

    @classmethod
    def from_fact(cls, fact: dict[str, Any]) -> Before:
        """Read what ``as_fact`` has written."""
        start, end = map(datetime.fromisoformat, fact["window"])
        return cls(
            status=Status(fact["status"]),
            shift_id=None if fact["shift"] is None else UUID(fact["shift"]),
            window_start=start,
            window_end=end,
            promised=fact["promised"],
            asked_nurse_id=None if fact["asked_nurse"] is None else UUID(fact["asked_nurse"]),
        )


def assign(
    visit: Visit,
    *,
    by: Actor | None = None,
    reason: str = "",
    before: Before | None = None,
    tell: bool = True,
    now: datetime,
) -> None:
    """Give the visit to the nurse on whose shift its reservation is, by a worker or by hand.

    Its window is promised from now on. Another nurse than the one told is told to the patient,
    unless nobody is to ``tell`` it: who is away will not come. ``before`` is kept where somebody
    may want to undo this.
    """
    held = visit.reservation
    if held is None:
        raise RuntimeError("A visit is assigned after its time has been reserved.")
    visit.status = advance(Status(visit.status), Action.ASSIGN).value
    visit.window_promised = True
    visit.service_date = service_date(visit.window_start, visit.location.zone)
    visit.assign_due_at = visit.unassigned_because = None
    visit.version += 1
    visit.save(
        update_fields=[
            "status", "reservation", "window_start", "window_end", "window_promised",
            "service_date", "assign_due_at", "unassigned_because", "version",
        ]
    )  # fmt: skip
    changed = tell and another_than_told(visit, now)
    unassign(visit, now)
    Assignment.objects.create(
        market_id=visit.market_id,
        visit=visit,
        nurse_id=held.nurse_id,
        move=visit.moves,
        since=now,
        assigned_by_id=None if by is None else by.user_id,
        reason=reason,
        before=None if before is None else before.as_fact(visit.version),
    )
    outbox.record(VisitAssigned(visit.id), market_id=visit.market_id, now=now)
    if changed:
        outbox.record(NurseChanged(visit.id), market_id=visit.market_id, now=now)


def let_go(visit: Visit, reasons: Mapping[str, int], now: datetime) -> None:
    """Give the visit back to those that want a nurse; its window stays promised.

    ``reasons`` are the rules that stand in the way, with the number of shifts of each.
    """
    if Status(visit.status) is not Status.REQUESTED:
        visit.status = advance(Status(visit.status), Action.UNASSIGN).value
    visit.reservation, visit.assign_due_at = None, now
    visit.unassigned_because = dict(reasons)
    visit.version += 1
    visit.save(
        update_fields=["status", "reservation", "assign_due_at", "unassigned_because", "version"]
    )
    unassign(visit, now)
    outbox.record(VisitUnassigned(visit.id), market_id=visit.market_id, now=now)


def unassign(visit: Visit, now: datetime) -> None:
    """Nobody has the visit any more."""
    Assignment.objects.filter(visit=visit, until__isnull=True).update(until=now)


def another_than_told(visit: Visit, now: datetime) -> bool:
    """True where the patient was told of one nurse and the visit's reservation is another's.

    Told is whoever had the visit last, in this window, once the nurses of its day were announced.
    """
    held = visit.reservation
    if held is None:
        return False
    shift = Shift.objects.select_related("market").get(id=held.shift_id)
    announced = announced_from(shift.service_date, shift.market.zone)
    had_it = Assignment.objects.filter(visit=visit, move=visit.moves)
    last = had_it.order_by("-since", "-id").first()
    if last is None or now < announced or last.nurse_id == held.nurse_id:
        return False
    return last.until is None or last.until >= announced
