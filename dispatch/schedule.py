"""Nurses' time under lock: the only code that writes reservations.

Rules of use. Inside a transaction, first ``lock`` every shift you may touch with the patients on
it, then (where there is one) the visit; only then read, and only then write. Locks are taken in id
order, so two writers never wait for each other in a circle: without the patients' they would, in
the check of ``patient_in_one_visit``, where one patient is on two shifts. ``insert`` and ``remove``
re-time the whole route each time, ``rearrange`` several routes at once. What takes time anew also
locks the supervision of a market that has one (see ``supervising``). ``settle`` last: it has
PostgreSQL check the exclusion constraints, the second wall, while the refusal can still be told
apart. A route that runs late is re-timed by ``running`` alone, through ``keep_time``; what stood
before a proposal is put back by ``reverting`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q

from dispatch import supervising
from dispatch.domain.clock import instant, seconds
from dispatch.domain.errors import Conflict, NotFound
from dispatch.models import Hold, Patient, Reservation, Shift, Visit
from dispatch.planning import problem
from dispatch.planning.insertion import Gaps
from dispatch.planning.making_room import as_stop, reordered
from dispatch.planning.rules import Span, before_any_route
from dispatch.planning.timing import RouteBroken, Timed, retime, with_stop
from dispatch.selectors.claims import Claim
from dispatch.selectors.routes import routes_of, travel_in

TRIES = 5


def lock(shift_ids: Iterable[UUID], *, patients: Iterable[UUID] = (), now: datetime) -> None:
    """Lock the shifts, then their patients and those named; clear away holds that have run out.

    Name the patients for whom time is to be taken: the shifts where their run-out holds stand are
    locked with the others. A route from which a hold is cleared is re-timed.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A lock outside a transaction protects nothing.")
    named = list(patients)
    lapsed = Hold.objects.filter(patient_id__in=named, expires_at__lte=now)
    ids = sorted({*shift_ids, *lapsed.values_list("reservation__shift_id", flat=True)})
    shifts = Shift.objects.select_for_update(no_key=True).filter(id__in=ids)
    list(shifts.order_by("id").values_list("id", flat=True))
    on_them = Reservation.objects.filter(shift_id__in=ids).values("patient_id")
    list(
        Patient.objects.select_for_update(no_key=True)
        .filter(Q(id__in=named) | Q(id__in=on_them))
        .order_by("id")
        .values_list("id", flat=True)
    )
    gone = Hold.objects.filter(reservation__shift_id__in=ids, expires_at__lte=now)
    cleared = Reservation.objects.filter(hold__in=list(gone))
    freed = {one.id: one for one in cleared}
    gone.delete()
    Reservation.objects.filter(id__in=freed).delete()
    for shift_id, market_id in {(one.shift_id, one.market_id) for one in freed.values()}:
        _close_up(shift_id, market_id, now)


def lock_visit(visit_id: UUID, *other_shifts: UUID, now: datetime) -> Visit:
    """Lock the shift the visit is on, the others named, and then the visit itself.

    Raises NotFound; Conflict ``busy`` where the visit keeps being moved between look and lock.
    """
    for _ in range(TRIES):
        before, patient_id = _place_of(visit_id)
        step = transaction.savepoint()
        lock({*other_shifts, *before}, patients=[patient_id], now=now)
        visit = Visit.objects.select_for_update(of=("self",), no_key=True).get(id=visit_id)
        if _place_of(visit_id)[0] == before:
            transaction.savepoint_commit(step)
            return visit
        transaction.savepoint_rollback(step)
    raise Conflict("busy", "The visit is being changed by others; try again.")


def lock_visits(ids: Iterable[UUID], patient_id: UUID, *, now: datetime) -> list[Visit]:
    """Lock the shifts that some visits of one patient are on, and then these visits, in id order.

    Raises Conflict ``busy`` where they keep being moved between look and lock.
    """
    wanted = Visit.objects.filter(id__in=list(ids)).order_by("id")
    for _ in range(TRIES):
        before = set(wanted.values_list("id", "reservation__shift_id"))
        step = transaction.savepoint()
        lock({shift for _, shift in before} - {None}, patients=[patient_id], now=now)
        visits = list(wanted.select_for_update(of=("self",), no_key=True))
        if set(wanted.values_list("id", "reservation__shift_id")) == before:
            transaction.savepoint_commit(step)
            return visits
        transaction.savepoint_rollback(step)
    raise Conflict("busy", "The visits are being changed by others; try again.")


def check_version(visit: Visit, expected: int | None) -> None:
    """Raise Conflict ``stale`` where the visit is not as it was when it was looked at."""
    if expected is not None and visit.version != expected:
        raise Conflict("stale", "The visit has changed since you looked at it.")


def _place_of(visit_id: UUID) -> tuple[set[UUID], UUID]:
    """Return the shift the visit is on, if it is on one, and its patient."""
    visit = Visit.objects.filter(id=visit_id)
    row = visit.values_list("reservation__shift_id", "patient_id").first()
    if row is None:
        raise NotFound("visit")
    return {row[0]} - {None}, row[1]


def insert(
    claim: Claim, shift_id: UUID, reservation_id: UUID, *, now: datetime
) -> Reservation | None:
    """Reserve the best place on a locked shift and re-time its route; None where none fits.

    In a supervised market it waits for whoever is reserving there, and counts again.
    """
    claim = supervising.counted_again(claim, now)
    route, travel, at = _route(shift_id, now), travel_in(claim.market_id), seconds(now)
    place = next(iter(Gaps.of([route], travel, at).places(claim.request)), None)
    if place is None:
        return None
    stop = replace(as_stop(reservation_id, claim.request), start=place.start)
    timed = retime(with_stop(route, place.position, stop), travel, at)
    return _reserve(claim, route, timed, reservation_id)


def still_stands(claim: Claim, held: Reservation, *, now: datetime) -> bool:
    """True where the reservation keeps every rule where it is, on a locked shift."""
    route = _route(held.shift_id, now)
    if any(before_any_route(route.nurse, claim.request)):
        return False
    try:
        timed = retime(route, travel_in(claim.market_id), seconds(now))
    except RouteBroken:
        return False
    return all(one.start <= claim.request.latest for one in timed if one.id == held.id)


def insert_in_any_order(
    claim: Claim, shift_id: UUID, reservation_id: UUID, *, now: datetime
) -> Reservation | None:
    """The same where the other stops may change their order, each within its window."""
    claim = supervising.counted_again(claim, now)
    route, travel, at = _route(shift_id, now), travel_in(claim.market_id), seconds(now)
    if any(before_any_route(route.nurse, claim.request)):
        return None
    made = reordered(route, as_stop(reservation_id, claim.request), travel, at)
    if made is None:
        return None
    return _reserve(claim, route, retime(made.shift, travel, at), reservation_id)


def _reserve(
    claim: Claim, route: problem.Shift, timed: Iterable[Timed], reservation_id: UUID
) -> Reservation:
    """Write the times of a route, one of them of a stop without a reservation yet: make that."""
    times = {one.id: one for one in timed}
    own = times.pop(reservation_id)
    _write(route.id, times.values())
    return _create(claim, route, own)


def rearrange(
    orders: Mapping[UUID, Sequence[UUID]],
    *,
    new: Mapping[UUID, Claim] | None = None,
    now: datetime,
) -> None:
    """Give locked shifts whole routes: to each shift the ids of its reservations, in order.

    A reservation comes from one of these shifts and keeps its id; those of ``new`` are made for
    their claims. What stood on one of the shifts and is in no order is given back: the row that
    points at it must have let go of it. Raises ``RouteBroken`` where an order cannot be kept; roll
    back to a savepoint then, and Conflict ``slot_taken`` where what is new cannot be supervised.
    ``settle`` must follow. Who may serve whom is for the caller to judge.
    """
    if not orders:
        return
    claims = new or {}
    kept = [one for order in orders.values() for one in order]
    Reservation.objects.filter(shift_id__in=orders).exclude(id__in=kept).delete()
    routes = routes_of(orders, now=now)
    stops = {stop.id: stop for route in routes for stop in route.stops}
    stops |= {one: as_stop(one, claim.request) for one, claim in claims.items()}
    market_id = Shift.objects.values_list("market_id", flat=True).get(id=routes[0].id)
    travel, at = travel_in(market_id), seconds(now)
    whole = [replace(one, stops=tuple(stops[stop] for stop in orders[one.id])) for one in routes]
    timed = [(route, retime(route, travel, at)) for route in whole]
    supervising.check(claims.values(), market_id, now)
    for route, times in timed:
        old = [one for one in times if one.id not in claims]
        ids = [one.id for one in old]
        Reservation.objects.filter(id__in=ids).update(shift_id=route.id, nurse_id=route.nurse.id)
        _write(route.id, old)
        for one in times:
            if one.id in claims:
                _create(claims[one.id], route, one)


def _create(claim: Claim, route: problem.Shift, timed: Timed) -> Reservation:
    return Reservation.objects.create(
        id=timed.id,
        market_id=claim.market_id,
        shift_id=route.id,
        nurse_id=route.nurse.id,
        patient_id=claim.patient_id,
        infusion_from=instant(timed.start + claim.request.infusion[0]),
        infusion_until=instant(timed.start + claim.request.infusion[1]),
        **_times(timed),
    )


def remove(reservation: Reservation, *, now: datetime) -> None:
    """Give a reservation's time back and re-time the locked shift it was on.

    The row that points at the reservation must have let go of it. A route that is broken already
    (its nurse is away, or should have left by now) keeps its times.
    """
    Reservation.objects.filter(id=reservation.id).delete()
    _close_up(reservation.shift_id, reservation.market_id, now)


def _close_up(shift_id: UUID, market_id: UUID, now: datetime) -> None:
    try:
        timed = retime(_route(shift_id, now), travel_in(market_id), seconds(now))
    except RouteBroken:
        timed = ()
    _write(shift_id, timed)


def keep_time(shift_id: UUID, timed: Iterable[Timed], infusions: Mapping[UUID, Span]) -> None:
    """Write how a locked shift runs: times, and infusions in seconds after their stops' starts.

    Its version counts up only where something differs. ``settle`` must follow.
    """
    rows = {row.id: row for row in Reservation.objects.filter(shift_id=shift_id)}
    changed = False
    for one in timed:
        row, (begins, ends) = rows[one.id], infusions[one.id]
        new = _times(one) | {
            "infusion_from": instant(one.start + begins),
            "infusion_until": instant(one.start + ends),
        }
        if any(getattr(row, name) != value for name, value in new.items()):
            changed = True
            Reservation.objects.filter(id=row.id).update(**new)
    if changed:
        _count_up(shift_id)


def settle(taken: str) -> None:
    """Have the constraints checked now; Conflict ``taken`` where one refuses."""
    try:
        connection.check_constraints()
    except IntegrityError as refusal:
        raise Conflict(taken, "The time has been taken by another booking.") from refusal


def _route(shift_id: UUID, now: datetime) -> problem.Shift:
    routes = routes_of([shift_id], now=now)
    if not routes:
        raise NotFound("shift")
    return routes[0]


def _write(shift_id: UUID, timed: Iterable[Timed]) -> None:
    """Write the times that differ, and count the shift's version up."""
    rows = {row.id: row for row in Reservation.objects.filter(shift_id=shift_id)}
    for new in timed:
        row, times = rows[new.id], _times(new)
        if any(getattr(row, name) != value for name, value in times.items()):
            shifted = times["start_at"] - row.start_at
            Reservation.objects.filter(id=row.id).update(
                **times,
                infusion_from=row.infusion_from + shifted,
                infusion_until=row.infusion_until + shifted,
            )
    _count_up(shift_id)


def _count_up(shift_id: UUID) -> None:
    Shift.objects.filter(id=shift_id).update(version=F("version") + 1)


def _times(timed: Timed) -> dict[str, datetime]:
    return {
        "leave_at": instant(timed.leave),
        "start_at": instant(timed.start),
        "end_at": instant(timed.end),
    }
