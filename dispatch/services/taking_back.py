"""Undoing what a dispatcher's hand did last: the visit goes back to where it stood before.

Only what nobody has touched since is undone, and only by whose hand it was. The time that the visit
had before is taken anew: where others have taken it meanwhile, nothing is changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import announcing, assigning, audit, outbox, schedule
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict
from dispatch.domain.events import VisitUnassigned
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Assignment, CompanionRequest, Message, Reservation, Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.claims import claim_of
from dispatch.selectors.messages import heard

TIME_TO_CHOOSE = timedelta(minutes=5)
"""How long a visit that nobody has any more waits for a dispatcher before a worker looks."""


@transaction.atomic
def undo_assignment(visit_id: UUID, *, expected_version: int, by: Actor, now: datetime) -> None:
    """Put the visit back to the nurse it was taken from, or among those that want one.

    Its window and the nurse whom the patient asked for are as they were. Raises NotFound; Conflict
    ``nothing_to_undo`` where it was not ``by`` who gave the visit to its nurse, ``stale`` where it
    has changed since, ``slot_taken`` where the time it had is not free any more, ``told_already``
    where its window would change and somebody knows of it, ``wrong_status``.
    """
    visit_for(by, visit_id)
    looked_at = _given_by(by, visit_id)
    former = _before(looked_at).shift_id
    visit = schedule.lock_visit(visit_id, *([former] if former else []), now=now)
    schedule.check_version(visit, expected_version)
    given = _given_by(by, visit_id)
    if given.before is None or given.before["version"] != visit.version or given != looked_at:
        raise Conflict("stale", "The visit has changed since it was assigned.")
    before, held = _before(given), visit.reservation
    if not before.promised or before.window_start != visit.window_start:
        _withdraw_untold(visit)
    visit.asked_nurse_id = before.asked_nurse_id
    visit.window_start, visit.window_end = before.window_start, before.window_end
    visit.reservation = _kept_before(visit, before, held, now)
    _put_back(visit, before, by, now)
    if held is not None and visit.reservation != held:
        schedule.remove(held, now=now)
    schedule.settle("slot_taken")
    audit.note(by, "undo_assign", "visit", visit.id, now=now)


def _given_by(by: Actor, visit_id: UUID) -> Assignment:
    standing = Assignment.objects.filter(
        visit_id=visit_id, until__isnull=True, assigned_by_id=by.user_id, before__isnull=False
    )
    given = standing.first()
    if given is None:
        raise Conflict("nothing_to_undo", "It was not you who gave the visit to its nurse.")
    return given


def _before(given: Assignment) -> assigning.Before:
    return assigning.Before.from_fact(given.before or {})


def _withdraw_untold(visit: Visit) -> None:
    """Drop what was to be told of a window that is taken back; refuse where anybody knows of it.

    What was sent cannot be unsaid, and an answer to this window would count for the next one.
    """
    waiting = announcing.waiting(visit).filter(move=visit.moves)
    waiting.update(state="withdrawn", state_because="moved")
    theirs = Message.objects.filter(visit=visit, move=visit.moves)
    asked = CompanionRequest.objects.filter(visit=visit, move=visit.moves)
    leaving = theirs.exclude(state="withdrawn")
    if asked.exists() or leaving.exists() or heard(theirs).exists():
        raise Conflict("told_already", "People have been told of the window that would change.")


def _kept_before(
    visit: Visit, before: assigning.Before, held: Reservation | None, now: datetime
) -> Reservation | None:
    """The time that was kept for the visit: what it has now, another one, or none."""
    if before.shift_id is None:
        return None
    if held is not None and held.shift_id == before.shift_id:
        if not schedule.still_stands(claim_of(visit, now=now), held, now=now):
            raise Conflict("slot_taken", "The nurse cannot keep the visit as it was any more.")
        return held
    taken = schedule.insert(claim_of(visit, now=now), before.shift_id, new_id(), now=now)
    if taken is None:
        raise Conflict("slot_taken", "The nurse who had the visit has no room for it any more.")
    return taken


def _put_back(visit: Visit, before: assigning.Before, by: Actor, now: datetime) -> None:
    visit.save(update_fields=["asked_nurse"])
    if before.status is Status.ASSIGNED:
        assigning.assign(visit, by=by, now=now)
        return
    visit.status = advance(Status(visit.status), Action.UNASSIGN).value
    visit.window_promised = before.promised
    visit.service_date = service_date(visit.window_start, visit.location.zone)
    visit.assign_due_at = now + TIME_TO_CHOOSE
    visit.version += 1
    visit.save(
        update_fields=[
            "status", "reservation", "window_start", "window_end", "window_promised",
            "service_date", "assign_due_at", "version",
        ]
    )  # fmt: skip
    assigning.unassign(visit, now)
    outbox.record(VisitUnassigned(visit.id), market_id=visit.market_id, now=now)
