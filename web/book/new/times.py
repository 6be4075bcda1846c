"""Times that can be served: one visit's by day, or a whole series that is looked for together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.channels import Language
from dispatch.domain.clock import day_bounds, instant, local, seconds, service_date
from dispatch.domain.errors import Conflict, DispatchError, Invalid
from dispatch.domain.texts import window
from dispatch.models import Nurse
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clearance import is_barred
from dispatch.selectors.held import standing_hold
from dispatch.selectors.people import nurses_of
from dispatch.selectors.slots import Slot, find_slots
from dispatch.services.holds import give_back_hold, take_hold
from web.book.new.address import Chosen, How
from web.book.new.patterns import series_page
from web.book.new.way import Way, onward, shown, way_of
from web.guarding import Visitor
from web.refusals import said_of

SHOWN_DAYS = 14
FURTHEST_DAYS = 92
NOON = 12
LONGEST_EPOCH = 12


@dataclass(frozen=True, slots=True)
class Time:
    """A window that can be taken: ``value`` says in the form which one it is."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Day:
    """The windows of a day before noon and after it."""

    day: date
    morning: tuple[Time, ...]
    afternoon: tuple[Time, ...]

    @property
    def count(self) -> int:
        return len(self.morning) + len(self.afternoon)


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are looked at, and who was asked for."""

    first: date
    nurse: UUID | None

    @property
    def last(self) -> date:
        return self.first + timedelta(days=SHOWN_DAYS)


def times(request: HttpRequest, visitor: Visitor, chosen: Chosen) -> HttpResponse:
    """Show what can be served and hold what is chosen; none to whom the answers bar."""
    way = way_of(visitor, chosen)
    if is_barred(way.location.patient_id, way.protocol.code, now=visitor.now):
        return onward(way.to("outcome"))
    if way.how is How.SERIES:
        return series_page(request, visitor, way)
    span = _span(request, visitor, way)
    if request.method != "POST":
        return _shown(request, visitor, way, span)
    try:
        held_id = _take(request, visitor, way, span)
    except (Conflict, Invalid) as refusal:
        return _shown(request, visitor, way, span, refusal=refusal)
    return onward(way.to("companion", held_id=held_id))


def _take(request: HttpRequest, visitor: Visitor, way: Way, span: Span) -> UUID:
    """Hold the chosen start as it is offered now; the same choice twice is one hold, and another
    choice gives the earlier one back."""
    start = _start(request)
    where = (visitor.by, way.location.id, way.protocol_id)
    if (same := standing_hold(*where, start, now=visitor.now)) is not None:
        return same
    before = standing_hold(*where, None, now=visitor.now)
    slot = next((one for one in _slots(visitor, way, start, start, span.nurse)), None)
    if slot is None:
        raise Conflict("slot_taken", "The slot has been taken; ask for slots again.")
    held_id = take_hold(
        slot,
        location_id=way.location.id,
        protocol_id=way.protocol_id,
        asked_nurse_id=span.nurse,
        by=visitor.by,
        now=visitor.now,
    )
    if before is not None:
        give_back_hold(before, by=visitor.by, now=visitor.now)
    return held_id


def _shown(
    request: HttpRequest,
    visitor: Visitor,
    way: Way,
    span: Span,
    refusal: DispatchError | None = None,
) -> HttpResponse:
    start, _ = day_bounds(span.first, way.location.zone)
    end, _ = day_bounds(span.last, way.location.zone)
    found = _slots(visitor, way, start, end - timedelta(seconds=1), span.nurse)
    today = service_date(visitor.now, way.location.zone)
    held = standing_hold(visitor.by, way.location.id, way.protocol_id, None, now=visitor.now)
    return shown(
        request,
        "times",
        "times",
        way=way,
        span=span,
        days=_days(found, way.location.zone, Language(visitor.language)),
        nurses=_nurses(visitor, found, span.nurse),
        held=held,
        to_held=held and way.to("companion", held_id=held),
        waiting=way.to("waiting"),
        sooner=max(today, span.first - timedelta(days=SHOWN_DAYS)) if span.first > today else None,
        later=span.last if span.last <= today + timedelta(days=FURTHEST_DAYS) else None,
        city=way.location.zone.rpartition("/")[2].replace("_", " "),
        refusal=refusal,
    )


def _slots(
    visitor: Visitor, way: Way, start: datetime, end: datetime, nurse: UUID | None
) -> tuple[Slot, ...]:
    """Those whose window opens in [start, end]."""
    after = end + timedelta(seconds=1)
    return find_slots(way.location, way.protocol, start, after, nurse_id=nurse, now=visitor.now)


def _days(found: tuple[Slot, ...], zone: str, language: Language) -> list[Day]:
    by_day: dict[date, list[Slot]] = defaultdict(list)
    for slot in found:
        by_day[service_date(slot.start, zone)].append(slot)
    days = []
    for day, slots in sorted(by_day.items()):
        told = [(local(one.start, zone).hour < NOON, _time(one, zone, language)) for one in slots]
        days.append(
            Day(
                day,
                tuple(one for early, one in told if early),
                tuple(one for early, one in told if not early),
            )
        )
    return days


def _time(slot: Slot, zone: str, language: Language) -> Time:
    told = window(local(slot.start, zone), local(slot.window_end, zone), language)
    return Time(seconds(slot.start), told.partition(", ")[2])


def _nurses(visitor: Visitor, found: tuple[Slot, ...], asked: UUID | None) -> list[Nurse]:
    """Who comes to what is offered, and who was asked for."""
    ids = {one.nurse_id for one in found} | ({asked} if asked else set())
    return sorted(nurses_of(visitor.by).filter(id__in=ids), key=lambda nurse: nurse.name)


def _span(request: HttpRequest, visitor: Visitor, way: Way) -> Span:
    today = service_date(visitor.now, way.location.zone)
    try:
        first = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        first = today
    furthest = today + timedelta(days=FURTHEST_DAYS)
    return Span(min(max(first, today), furthest), asked_nurse(visitor, request.GET.get("nurse")))


def asked_nurse(visitor: Visitor, sent: str | None) -> UUID | None:
    """Return whom the patient asked for. Raises NotFound for nobody of the market."""
    try:
        return nurse_for(visitor.by, UUID(sent)).id if sent else None
    except ValueError:
        return None


def _start(request: HttpRequest) -> datetime:
    sent = request.POST.get("start", "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) < LONGEST_EPOCH):
        raise Invalid({"start": said_of("choose_time")})
    return instant(int(sent))
