"""Giving a requested visit to a nurse: by a worker, or by a dispatcher's hand.

The best nurse is looked for outside the locks, over the whole market, and taken under them. What
the booking reserved is the floor: a visit with a witness is assigned to the witness at the worst.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import assigning, audit, schedule
from dispatch.domain.clock import instant
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.series import Continuity
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import Reservation, Shift, Visit
from dispatch.planning.rules import in_the_way
from dispatch.selectors.access import nurse_for, visit_for
from dispatch.selectors.candidates import candidates_for
from dispatch.selectors.claims import claim_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.slots import best_offer, gaps_for

LOOK_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the visit is to go: the shift, and the window in which service starts."""

    shift_id: UUID
    window_start: datetime
    window_end: datetime


def assign_visit(visit_id: UUID, *, now: datetime) -> None:
    """Assign a requested visit to the best nurse at this moment; the witness if none is better.

    Does nothing where the visit is no longer to be assigned. Where nobody fits it says why on the
    visit, and looks again later; where it was changed or every target lost meanwhile it stays due.
    """
    visit = Visit.objects.select_related("location", "reservation").get(id=visit_id)
    if Status(visit.status) is not Status.REQUESTED:
        return
    targets, looked_at = _targets(visit, now), visit.version
    with transaction.atomic():
        visit = schedule.lock_visit(visit_id, *(one.shift_id for one in targets), now=now)
        if Status(visit.status) is not Status.REQUESTED or visit.version != looked_at:
            return
        if any(_move(visit, target, now) for target in targets):
            _assigned(visit, None, "", now)
        elif not targets:
            _look_again(visit, now)


def put_off(visit_id: UUID, *, now: datetime) -> None:
    """Look again later: a fault on one visit does not keep the others from their nurses."""
    Visit.objects.filter(id=visit_id).update(assign_due_at=now + LOOK_AGAIN)


def look_at_all_again(visit_id: UUID, *, now: datetime) -> None:
    """A visit gave its time back: whoever else waits for a nurse in its market is due at once."""
    market_id = Visit.objects.values_list("market_id", flat=True).get(id=visit_id)
    waiting = (
        Visit.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(market_id=market_id, status=Status.REQUESTED.value, assign_due_at__gt=now)
        .exclude(id=visit_id)
        .order_by("id")
    )
    ids = list(waiting.values_list("id", flat=True))
    Visit.objects.filter(id__in=ids).update(assign_due_at=now)


@transaction.atomic
def assign_by_hand(
    visit_id: UUID,
    nurse_id: UUID,
    *,
    reason: str,
    patient_agreed: bool = False,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Give the visit to this nurse, under the same rules as a worker.

    Where ``patient_agreed`` it no longer matters which nurse was asked for. Raises Conflict
    ``rules_broken`` with the breaches and nearest fixes, ``stale`` where the visit has changed
    since it was looked at, ``wrong_status`` where it cannot be assigned.
    """
    visit_for(by, visit_id)
    nurse_for(by, nurse_id)
    looked_at = Visit.objects.get(id=visit_id)
    shifts = _shifts_of_nurse(looked_at, nurse_id)
    visit = schedule.lock_visit(visit_id, *shifts, now=now)
    schedule.check_version(visit, expected_version or looked_at.version)
    advance(Status(visit.status), Action.ASSIGN)
    before = assigning.Before.of(visit)
    if patient_agreed and visit.asked_nurse_id not in {None, nurse_id}:
        _release(visit, by, now)
    targets = _targets_with(visit, nurse_id, now)
    if not any(_move(visit, target, now) for target in targets):
        raise _refusal(visit, nurse_id, now)
    _assigned(visit, by, reason, now, before)


def _release(visit: Visit, by: Actor, now: datetime) -> None:
    """The patient does without the nurse whom they asked for, on this visit."""
    visit.asked_nurse = None
    visit.save(update_fields=["asked_nurse"])
    audit.note(by, "agree_to_another_nurse", "visit", visit.id, now=now)


def _targets(visit: Visit, now: datetime) -> tuple[Target, ...]:
    """Where the visit could go, best first; the witness follows as long as it can serve it.

    Of a series it comes first: it was the best choice for all the infusions together.
    """
    if not visit.window_promised:
        return _open_target(visit, now)
    claim = claim_of(visit, now=now)
    gaps = gaps_for(claim, apart_from=visit.reservation_id, now=now)
    witness = None if visit.reservation is None else visit.reservation.shift_id
    places = [(place.rank, gaps.shifts[place.shift].id) for place in gaps.places(claim.request)]
    stays = visit.series is not None and visit.series.continuity != Continuity.ANY_NURSES
    places.sort(key=lambda one: (stays and one[1] != witness, one[0], one[1] != witness, one[1]))
    wanted = [shift_id for _, shift_id in places[:1]]
    wanted += [shift_id for _, shift_id in places[1:] if shift_id == witness]
    return tuple(Target(one, visit.window_start, visit.window_end) for one in wanted)


def _open_target(visit: Visit, now: datetime) -> tuple[Target, ...]:
    """The window of least detour inside the one that was asked for, and its shift."""
    offer = best_offer(
        claim_of(visit, now=now),
        protocol_of(visit.protocol_id),
        visit.location.zone,
        apart_from=visit.reservation_id,
        now=now,
    )
    if offer is None:
        return ()
    return (Target(offer.shift, instant(offer.start), instant(offer.window_end)),)


def _shifts_of_nurse(visit: Visit, nurse_id: UUID) -> list[UUID]:
    shifts = Shift.objects.filter(
        nurse_id=nurse_id, start_at__lte=visit.window_end, end_at__gt=visit.window_start
    )
    return list(shifts.values_list("id", flat=True))


def _targets_with(visit: Visit, nurse_id: UUID, now: datetime) -> tuple[Target, ...]:
    """The same with one nurse only; none where the patient was promised another."""
    asked = visit.asked_nurse_id
    if asked not in {None, nurse_id}:
        return ()
    visit.asked_nurse_id = nurse_id
    try:
        return _targets(visit, now)
    finally:
        visit.asked_nurse_id = asked


def _move(visit: Visit, target: Target, now: datetime) -> bool:
    """Put the visit's reservation on the target; False, with nothing changed, where it is gone.

    Where it stands there already, the rules are judged again: hours and papers may have changed.
    """
    held = visit.reservation
    if held is not None and held.shift_id == target.shift_id:
        return schedule.still_stands(claim_of(visit, now=now), held, now=now)
    window = (visit.window_start, visit.window_end)
    step = transaction.savepoint()
    visit.window_start, visit.window_end = target.window_start, target.window_end
    _take(visit, target, held, now)
    if visit.reservation is None:
        transaction.savepoint_rollback(step)
        visit.window_start, visit.window_end = window
        visit.reservation = held
        return False
    transaction.savepoint_commit(step)
    return True


def _take(visit: Visit, target: Target, held: Reservation | None, now: datetime) -> None:
    """Take the new time, then give the old one back: the status allows no moment without."""
    taken = schedule.insert(claim_of(visit, now=now), target.shift_id, new_id(), now=now)
    if taken is not None and held is not None:
        Visit.objects.filter(id=visit.id).update(reservation=taken)
        schedule.remove(held, now=now)
    visit.reservation = taken


def _assigned(
    visit: Visit,
    by: Actor | None,
    reason: str,
    now: datetime,
    before: assigning.Before | None = None,
) -> None:
    assigning.assign(visit, by=by, reason=reason, before=before, now=now)
    schedule.settle("slot_taken")
    if by is not None:
        audit.note(by, "assign", "visit", visit.id, now=now)


def _look_again(visit: Visit, now: datetime) -> None:
    """Say which rule stands first in the way, and for how many nurse-days.

    Once the window has passed nobody is looked for any more; where somebody has become free
    meanwhile the visit stays due.
    """
    found = candidates_for(visit, now=now)
    if any(not one.breaches for one in found):
        return
    visit.unassigned_because = in_the_way([one.breaches[0].rule for one in found])
    visit.assign_due_at = now + LOOK_AGAIN if now < visit.window_end else None
    visit.save(update_fields=["unassigned_because", "assign_due_at"])


def _refusal(visit: Visit, nurse_id: UUID, now: datetime) -> Conflict:
    own = [one for one in candidates_for(visit, now=now) if one.nurse_id == nurse_id]
    if not own:
        return Conflict("rules_broken", "The nurse is not on shift then.", breaches=[], fixes=[])
    if not own[0].breaches:
        return Conflict("busy", "The route was changed by others meanwhile; try again.")
    return Conflict(
        "rules_broken",
        "The nurse cannot take this visit.",
        breaches=[breach.as_fact() for breach in own[0].breaches],
        fixes=[fix.as_fact() for fix in own[0].fixes],
    )
