"""What an administrator keeps: nurses with what they hold, the days they work, signed versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dispatch.domain.clock import instant, local, seconds, service_date
from dispatch.domain.credentials import CredentialKind, Standing, standing
from dispatch.domain.people import Actor
from dispatch.models import Certificate, Licence, Market, Nurse, Reservation, Shift, SignOff
from dispatch.models import Protocol as ProtocolRow
from dispatch.planning.problem import Credential
from dispatch.planning.rules import valid_spans
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clock import zone_of
from dispatch.selectors.people import nurses_of
from dispatch.selectors.protocols import ProtocolVersion, versions_of

DAYS_SHOWN = 14
BY_WORST = tuple(Standing)


@dataclass(frozen=True, slots=True)
class Held:
    """One row, through ``last_day`` by the market's clocks. ``open`` where it can still end,
    ``latest`` where no other row of the code holds longer: a renewal follows that one."""

    id: UUID
    kind: str
    code: str
    number: str
    first_day: date
    last_day: date
    standing: Standing
    open: bool
    latest: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """A code with its renewals seen as one, as the planner's rules do."""

    kind: str
    code: str
    standing: Standing
    last_day: date


@dataclass(frozen=True, slots=True)
class NurseCard:
    """``standing`` is the worst of what she holds, None where she holds nothing; ``version`` is
    for whoever changes her."""

    id: UUID
    account: UUID
    name: str
    phone: str
    username: str
    active: bool
    has_password: bool
    version: int
    standing: Standing | None
    holdings: tuple[Holding, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """``counted_on`` is how often time on it is taken; one that is ``over`` stays as it was."""

    id: UUID
    nurse: UUID
    nurse_name: str
    day: date
    start_at: datetime
    end_at: datetime
    counted_on: int
    over: bool


@dataclass(frozen=True, slots=True)
class Signature:
    signed_by: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """``open_rules`` are the extra rules that nobody in the market has approved, in words."""

    version: ProtocolVersion
    signatures: tuple[Signature, ...]
    open_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """``version`` is for whoever changes them."""

    name: str
    zone: str
    office_phone: str
    is_demo: bool
    version: int


def nurse_cards(by: Actor, *, now: datetime) -> tuple[NurseCard, ...]:
    """Return the market's nurses by name, those who still work there first."""
    zone = zone_of(by.market_id)
    cards = [_card(row, zone, now) for row in nurses_of(by).select_related("user")]
    return tuple(sorted(cards, key=lambda one: (not one.active, one.name.casefold())))


def nurse_card(by: Actor, nurse_id: UUID, *, now: datetime) -> NurseCard:
    """Return one of them. Raises NotFound."""
    return _card(nurse_for(by, nurse_id), zone_of(by.market_id), now)


def shifts_ahead(
    by: Actor, *, nurse_id: UUID | None = None, days_shown: int = DAYS_SHOWN, now: datetime
) -> dict[date, list[ShiftLine]]:
    """Return the shifts of the next days from today on, by day; one nurse's, or everybody's."""
    today = service_date(now, zone_of(by.market_id))
    days = [today + timedelta(days=ahead) for ahead in range(days_shown)]
    shifts = Shift.objects.filter(market_id=by.market_id, service_date__range=(days[0], days[-1]))
    if nurse_id is not None:
        shifts = shifts.filter(nurse=nurse_for(by, nurse_id))
    taken = Counter(Reservation.objects.filter(shift__in=shifts).values_list("shift_id", flat=True))
    found: dict[date, list[ShiftLine]] = {day: [] for day in days}
    for row in shifts.select_related("nurse").order_by("start_at", "id"):
        found[row.service_date].append(_shift_line(row, taken[row.id], now))
    return found


def signed_versions(by: Actor) -> tuple[SignedVersion, ...]:
    """Return every version that the market may use, with who in the market signed it off."""
    signed: dict[tuple[str, int], list[Signature]] = defaultdict(list)
    rows = SignOff.objects.filter(market_id=by.market_id).select_related("protocol", "signed_by")
    for one in rows.order_by("signed_at"):
        key = (one.protocol.code, one.protocol.version)
        signed[key].append(Signature(one.signed_by.username, one.signed_at))
    codes = ProtocolRow.objects.order_by("code").values_list("code", flat=True).distinct()
    return tuple(
        SignedVersion(
            one,
            tuple(signed[one.code, one.version]),
            tuple(rule.text for rule in one.extra_rules if not rule.approved),
        )
        for code in codes
        for one in versions_of(by.market_id, code)
    )


def market_terms(by: Actor) -> MarketTerms:
    market = Market.objects.get(id=by.market_id)
    return MarketTerms(
        market.name, market.zone, market.office_phone, market.is_demo, market.version
    )


def _card(nurse: Nurse, zone: str, now: datetime) -> NurseCard:
    licences, certificates = list(nurse.licences.all()), list(nurse.certificates.all())
    holdings = (
        *_holdings(CredentialKind.LICENCE, licences, zone, now),
        *_holdings(CredentialKind.CERTIFICATE, certificates, zone, now),
    )
    held = (
        *_held(CredentialKind.LICENCE, licences, zone, now),
        *_held(CredentialKind.CERTIFICATE, certificates, zone, now),
    )
    return NurseCard(
        id=nurse.id,
        account=nurse.user_id,
        name=nurse.name,
        phone=nurse.phone,
        username=nurse.user.username,
        active=nurse.user.is_active,
        has_password=nurse.user.has_usable_password(),
        version=nurse.changed_in,
        standing=max((one.standing for one in holdings), key=BY_WORST.index, default=None),
        holdings=holdings,
        held=tuple(sorted(held, key=lambda one: (one.kind != "licence", one.code, one.first_day))),
    )


def _holdings(
    kind: CredentialKind, rows: Iterable[Licence | Certificate], zone: str, now: datetime
) -> Iterable[Holding]:
    """Of a code that was held with gaps, the time that holds now, or else the last one."""
    spans = [Credential(row.code, seconds(row.valid_from), int(row.valid_until.timestamp()))
             for row in rows]  # fmt: skip
    for code in sorted({one.code for one in spans}):
        whole = valid_spans(spans, code)
        at = seconds(now)
        begins, ends = next((one for one in whole if one[0] <= at < one[1]), whole[-1])
        stands = standing(instant(begins), instant(ends), now)
        yield Holding(kind.value, code, stands, _last_day(instant(ends), zone))


def _held(
    kind: CredentialKind, rows: Iterable[Licence | Certificate], zone: str, now: datetime
) -> Iterable[Held]:
    latest = {row.code: row.id for row in sorted(rows, key=lambda one: one.valid_until)}
    for row in rows:
        stands = standing(row.valid_from, row.valid_until, now)
        yield Held(
            id=row.id,
            kind=kind.value,
            code=row.code,
            number=row.number,
            first_day=local(row.valid_from, zone).date(),
            last_day=_last_day(row.valid_until, zone),
            standing=stands,
            open=stands is not Standing.ENDED,
            latest=latest[row.code] == row.id,
        )


def _last_day(ends: datetime, zone: str) -> date:
    return local(ends - timedelta(microseconds=1), zone).date()


def _shift_line(row: Shift, counted_on: int, now: datetime) -> ShiftLine:
    return ShiftLine(
        id=row.id,
        nurse=row.nurse_id,
        nurse_name=row.nurse.name,
        day=row.service_date,
        start_at=row.start_at,
        end_at=row.end_at,
        counted_on=counted_on,
        over=row.end_at <= now,
    )
