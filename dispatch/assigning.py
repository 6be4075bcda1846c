"""Who has a visit: the only code that writes assignments, and knows of whom the patient was told.

The visit and the shift of its reservation are locked by the caller; ``schedule.settle`` follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dispatch import outbox
from dispatch.domain.clock import service_date
from dispatch.domain.events import NurseChanged, VisitAssigned, VisitUnassigned
from dispatch.domain.jobs import announced_from
from dispatch.domain.people import Actor
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Assignment, Shift, Visit


def assign(visit: Visit, *, by: Actor | None = None, reason: str = "", now: datetime) -> None:
    """Give the visit to the nurse on whose shift its reservation is, by a worker or by hand.

    Its window is promised from now on. Another nurse than the one told is told to the patient.
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
    changed = another_than_told(visit, now)
    unassign(visit, now)
    Assignment.objects.create(
        market_id=visit.market_id,
        visit=visit,
        nurse_id=held.nurse_id,
        move=visit.moves,
        since=now,
        assigned_by_id=None if by is None else by.user_id,
        reason=reason,
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
