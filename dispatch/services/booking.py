"""Booking: a held slot, a held series, or a time that a worker has still to find."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit, holding, outbox, pricing, schedule
from dispatch.domain.clock import day_bounds, service_date
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.events import SeriesBooked, VisitBooked
from dispatch.domain.infusions import Days
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol
from dispatch.domain.sentences import Sentence
from dispatch.domain.series import SeriesState
from dispatch.models import Hold, Series, Visit
from dispatch.selectors.access import companion_for, hold_for, location_for, series_for
from dispatch.selectors.clearance import check_may_be_booked, earliest_start
from dispatch.selectors.courses import check_series, place_of
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.selectors.slots import grid_starts

WIDEST_WINDOW = timedelta(days=14)
FURTHEST_AHEAD = timedelta(days=92)


@transaction.atomic
def book_hold(
    hold_id: UUID,
    *,
    companion_id: UUID | None,
    price_cents: int | None = None,
    key: str | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Turn a hold into a visit that keeps its reserved time; return the visit's id.

    The visit is ``requested`` until a worker has assigned it. ``price_cents`` is what the patient
    was shown, if anything. Raises Conflict ``hold_expired``, ``not_cleared``, ``slot_taken`` where
    the nurse has meanwhile run late, and as ``Course.place`` where the course has changed since
    the hold was taken; Invalid for another price than it is.
    """
    shift_id = hold_for(by, hold_id).reservation.shift_id
    schedule.lock({shift_id}, now=now)
    hold = Hold.objects.filter(id=hold_id).select_related("location").first()
    if hold is None:
        raise Conflict("hold_expired", "The hold has run out; ask for slots again.")
    _check_key(hold.patient_id, key)
    _check_cleared(hold, by, now)
    day = service_date(hold.window_start, hold.location.zone)
    placed = place_of(hold.location, protocol_of(hold.protocol_id), day, day, now=now)
    hold.phase, hold.course = placed.phase, placed.course
    return _booked(_visit_of(hold, companion_id, key, by, now), price_cents, by, now)


@transaction.atomic
def book_series(
    series_id: UUID,
    *,
    companion_id: UUID | None,
    price_cents: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Turn all that a series holds into visits that keep their reserved times, or nothing.

    The companion is named for each of them; ``price_cents`` is what was shown for each, if
    anything. Raises Conflict ``hold_expired``, ``slot_taken``, ``already_booked``,
    ``not_cleared``, Invalid for another price.
    """
    held = Hold.objects.filter(series=series_for(by, series_id))
    schedule.lock(held.values_list("reservation__shift_id", flat=True), now=now)
    series = Series.objects.select_for_update(no_key=True).get(id=series_id)
    if series.state == SeriesState.BOOKED:
        raise Conflict("already_booked", "The series is booked already.")
    holds = list(held.select_related("location").order_by("series_number"))
    if len(holds) < series.planned:
        raise Conflict("hold_expired", "The hold has run out; ask for the series again.")
    _check_cleared(holds[0], by, now)
    check_series(series, [hold.window_start for hold in holds], now=now)
    for hold in holds:
        _booked(_visit_of(hold, companion_id, None, by, now), price_cents, by, now)
    series.state, series.booked_at = SeriesState.BOOKED.value, now
    series.save(update_fields=["state", "booked_at"])
    outbox.record(SeriesBooked(series_id), market_id=series.market_id, now=now)
    audit.note(by, "book", "series", series_id, now=now)


def _visit_of(
    hold: Hold, companion_id: UUID | None, key: str | None, by: Actor, now: datetime
) -> Visit:
    holding.check_kept(hold)
    hold.delete()
    return Visit.objects.create(
        market_id=hold.market_id,
        patient_id=hold.patient_id,
        location=hold.location,
        protocol_id=hold.protocol_id,
        asked_nurse_id=hold.asked_nurse_id,
        window_start=hold.window_start,
        window_end=hold.window_end,
        window_promised=True,
        service_date=service_date(hold.window_start, hold.location.zone),
        reservation=hold.reservation,
        companion_id=_companion(companion_id, hold.patient_id, by),
        booked_at=now,
        booked_by_id=by.user_id,
        idempotency_key=key,
        assign_due_at=now,
        phase=hold.phase,
        course=hold.course,
        series_id=hold.series_id,
        series_number=hold.series_number,
    )


@transaction.atomic
def request_visit(  # noqa: PLR0913 - each is said by whoever books
    *,
    location_id: UUID,
    protocol_code: str,
    start: datetime,
    end: datetime,
    companion_id: UUID | None,
    price_cents: int | None = None,
    key: str | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Book without a slot, for any time that starts in [start, end]; return the visit's id.

    Of the window remains what keeps the gaps of the course. Raises Invalid for one that is past,
    reversed, too wide or too far ahead, Conflict ``not_cleared``, and as ``Course.place`` where
    nothing remains.
    """
    location = location_for(by, location_id)
    protocol = bookable_row(by.market_id, protocol_code)
    terms = protocol_of(protocol.id)
    soonest = now + timedelta(seconds=terms.booking.notice_s)
    _check_window(start, end, soonest, now)
    _check_key(location.patient_id, key)
    schedule.lock((), patients=[location.patient_id], now=now)
    check_may_be_booked(location, terms.code, end, by=by, now=now)
    soonest = max(soonest, earliest_start(location.patient_id, terms.code, now=now))
    start = max(start, soonest)
    first, last = service_date(start, location.zone), service_date(end, location.zone)
    placed = place_of(location, terms, first, max(first, last), now=now)
    start, end = _within(placed.days, start, end, location.zone)
    _check_hours(terms, location.zone, start, end)
    visit = Visit.objects.create(
        market_id=location.market_id,
        patient_id=location.patient_id,
        location=location,
        protocol=protocol,
        window_start=start,
        window_end=end,
        window_promised=False,
        service_date=service_date(start, location.zone),
        phase=placed.phase,
        course=placed.course,
        companion_id=_companion(companion_id, location.patient_id, by),
        booked_at=now,
        booked_by_id=by.user_id,
        idempotency_key=key,
        assign_due_at=now,
    )
    return _booked(visit, price_cents, by, now)


def _within(days: Days, start: datetime, end: datetime, zone: str) -> tuple[datetime, datetime]:
    """The part of [start, end] that lies on these days."""
    if days.first is not None:
        start = max(start, day_bounds(days.first, zone)[0])
    if days.last is not None:
        end = min(end, day_bounds(days.last, zone)[1] - timedelta(seconds=1))
    return start, end


def _booked(visit: Visit, price_cents: int | None, by: Actor, now: datetime) -> UUID:
    if price_cents is not None:
        pricing.keep_shown(visit, price_cents, by=by, now=now)
    outbox.record(VisitBooked(visit.id), market_id=visit.market_id, now=now)
    audit.note(by, "book", "visit", visit.id, now=now)
    return visit.id


def _check_cleared(hold: Hold, by: Actor, now: datetime) -> None:
    """Answers may have changed while the time was held."""
    code = protocol_of(hold.protocol_id).code
    check_may_be_booked(hold.location, code, hold.window_start, by=by, now=now)


def _check_key(patient_id: UUID, key: str | None) -> None:
    """Refuse a key that booked a visit for this patient before, by whosever hand."""
    if (
        key is not None
        and Visit.objects.filter(patient_id=patient_id, idempotency_key=key).exists()
    ):
        raise Conflict("key_reused", "This key was used for another request.")


def _companion(companion_id: UUID | None, patient_id: UUID, by: Actor) -> UUID | None:
    if companion_id is None:
        return None
    companion = companion_for(by, companion_id)
    if companion.patient_id != patient_id:
        raise Invalid({"companion": "This companion is another patient's."})
    return companion.id


def _check_hours(protocol: Protocol, zone: str, start: datetime, end: datetime) -> None:
    """The window must touch one that the protocol's hours allow."""
    hours = protocol.booking
    if not grid_starts(protocol, zone, start - timedelta(seconds=hours.arrival_window_s), end):
        pattern = "Visits of this kind begin between {first} and {last}."
        first, last = f"{hours.first_start:%H:%M}", f"{hours.last_start:%H:%M}"
        raise Invalid({"window.start": Sentence(pattern, first=first, last=last)})


def _check_window(start: datetime, end: datetime, soonest: datetime, now: datetime) -> None:
    faults = {}
    if end <= now:
        faults["window.end"] = "The window has passed."
    elif end < soonest:
        pattern = "The soonest a nurse can come is {soonest}."
        faults["window.end"] = Sentence(pattern, soonest=soonest.isoformat())
    if end < start:
        faults["window.end"] = "The window ends before it begins."
    if end - start > WIDEST_WINDOW:
        pattern = "A window spans at most {days} days."
        faults["window.end"] = Sentence(pattern, days=WIDEST_WINDOW.days)
    if start > now + FURTHEST_AHEAD:
        pattern = "Visits are booked at most {days} days ahead."
        faults["window.start"] = Sentence(pattern, days=FURTHEST_AHEAD.days)
    if faults:
        raise Invalid(faults)
