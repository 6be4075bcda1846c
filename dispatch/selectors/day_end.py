"""The end of a nurse's day: what she took and used, and what is still open before she may go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dispatch.domain.custody import EntryKind
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor
from dispatch.domain.visit import ENDED, ON_ROUTE
from dispatch.models import CustodyEntry, Shift, Visit
from dispatch.selectors.clock import zone_of
from dispatch.selectors.custody import (
    EntryLine,
    VisitCustody,
    custody_of,
    line,
    open_custody_of,
    to_sign,
    unsettled_among,
)
from dispatch.selectors.preparations import kit_of_day
from dispatch.selectors.protocols import protocol_of

OPEN = [status.value for status in ON_ROUTE - ENDED]


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """``start_at`` is null where the visit has lost its place on a shift."""

    visit: UUID
    status: str
    patient_name: str
    zone: str
    start_at: datetime | None


@dataclass(frozen=True, slots=True)
class KitLine:
    """``asked`` visits of the day ask for the thing; it was used at ``used`` of them."""

    code: str
    text: str
    packed: bool
    asked: int
    used: int


@dataclass(frozen=True, slots=True)
class VialLine:
    """What was taken of a vial at a visit and where it went, in micrograms."""

    visit: UUID
    number: str
    taken_ug: int
    given_ug: int
    wasted_ug: int
    returned_ug: int
    in_hand_ug: int


@dataclass(frozen=True, slots=True)
class DayEnd:
    """``visits`` are not closed yet; ``custody`` are visits whose vials are not settled.

    ``unsigned`` are the nurse's own entries that another person signs, ``asked`` those for which
    she was named as the witness.
    """

    date: date
    visits: tuple[OpenVisit, ...]
    kit: tuple[KitLine, ...]
    vials: tuple[VialLine, ...]
    custody: tuple[OpenVisit, ...]
    unsigned: tuple[EntryLine, ...]
    asked: tuple[EntryLine, ...]

    @property
    def is_done(self) -> bool:
        return not (self.visits or self.custody or self.asked)


def visits_of_days(by: Actor, days: Iterable[date]) -> tuple[tuple[UUID, int], ...]:
    """Return id and version of each visit on the nurse's route of these days, in their order."""
    found = Visit.objects.filter(
        reservation__shift__nurse_id=nurse_of(by),
        reservation__shift__service_date__in=list(days),
        status__in=[status.value for status in ON_ROUTE],
    )
    return tuple(found.order_by("reservation__start_at").values_list("id", "version"))


def day_end(by: Actor, day: date, *, now: datetime) -> DayEnd:
    """Return how the nurse's day stands at ``now``, with vials still open from days before it."""
    nurse_id = nurse_of(by)
    shift = Shift.objects.filter(nurse_id=nurse_id, service_date=day).first()
    of_day = list(_of_shift(shift)) if shift else []
    handled = _with_vials_of(nurse_id, of_day)
    before = open_custody_of(nurse_id)
    unsettled = {*unsettled_among(Visit.objects.filter(id__in=handled)), *before}
    concerned = Visit.objects.filter(id__in=unsettled).select_related(*NAMED).order_by("id")
    zone = zone_of(by.market_id)
    custody = [custody_of(one, zone) for one in sorted({*handled, *before})]
    return DayEnd(
        date=day,
        visits=tuple(_open(one) for one in of_day if one.status in OPEN),
        kit=() if shift is None else _kit(shift.id, of_day, now),
        vials=tuple(vial for one in custody for vial in _vials(one)),
        custody=tuple(map(_open, concerned)),
        unsigned=tuple(
            entry for one in custody for entry in one.entries
            if entry.needs_witness and entry.signed_by is None
        ),
        asked=_asked(by, zone),
    )  # fmt: skip


def nurse_of(by: Actor) -> UUID:
    """Return who of the nurses is acting. Raises NotFound for an account that is none's."""
    if by.person_id is None:
        raise NotFound("nurse")
    return by.person_id


NAMED = ("patient", "location", "reservation")


def _of_shift(shift: Shift) -> Iterable[Visit]:
    on_route = Visit.objects.filter(
        reservation__shift=shift, status__in=[status.value for status in ON_ROUTE]
    )
    return on_route.select_related(*NAMED).order_by("reservation__start_at")


def _with_vials_of(nurse_id: UUID, visits: Iterable[Visit]) -> set[UUID]:
    entries = CustodyEntry.objects.filter(nurse_id=nurse_id, visit__in=[one.id for one in visits])
    return set(entries.values_list("visit_id", flat=True))


def _open(visit: Visit) -> OpenVisit:
    held = visit.reservation
    start = None if held is None else held.start_at
    return OpenVisit(visit.id, visit.status, visit.patient.name, visit.location.zone, start)


def _kit(shift_id: UUID, visits: list[Visit], now: datetime) -> tuple[KitLine, ...]:
    """A visit has used what its protocol asks for once the infusion has begun."""
    asked, used = Counter[str](), Counter[str]()
    for visit in visits:
        codes = {item.code for item in protocol_of(visit.protocol_id).kit}
        asked.update(codes)
        if visit.infusion_started_at is not None:
            used.update(codes)
    return tuple(
        KitLine(one.code, one.text, one.confirmed, asked[one.code], used[one.code])
        for one in kit_of_day(shift_id, now=now)
    )


def _vials(custody: VisitCustody) -> Iterable[VialLine]:
    for vial in custody.vials:
        moved = Counter[str]()
        for entry in custody.entries:
            if entry.vial == vial.vial:
                moved[entry.kind] += entry.ug
        yield VialLine(
            visit=custody.visit,
            number=vial.number,
            taken_ug=moved[EntryKind.CHECKED_OUT],
            given_ug=moved[EntryKind.GIVEN],
            wasted_ug=moved[EntryKind.WASTED],
            returned_ug=moved[EntryKind.RETURNED],
            in_hand_ug=vial.in_hand_ug,
        )


def _asked(by: Actor, zone: str) -> tuple[EntryLine, ...]:
    return tuple(line(row, zone) for row in to_sign(by).filter(asked_id=by.user_id).order_by("at"))
