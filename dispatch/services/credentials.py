"""What nurses hold: licences and certificates are added, renewed and ended.

What somebody was treated under is never taken away: a renewal stands beside what it follows, and
what ends keeps its row. Whether a nurse may then serve a visit is for the planner's rules and the
gates to say, which read these rows.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch import audit, schedule
from dispatch.domain.clock import day_bounds, service_date
from dispatch.domain.credentials import CredentialKind
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.people import Actor
from dispatch.gateways.geocoding import states
from dispatch.models import Certificate, Licence, Nurse, Shift
from dispatch.selectors.access import nurse_for
from dispatch.selectors.clock import zone_of
from dispatch.selectors.protocols import certificates_asked

MODELS: dict[CredentialKind, type[Licence | Certificate]] = {
    CredentialKind.LICENCE: Licence,
    CredentialKind.CERTIFICATE: Certificate,
}
LONGEST_NUMBER = 64
LONGEST_SPAN = timedelta(days=50 * 366)


@transaction.atomic
def add_credential(
    nurse_id: UUID, kind: CredentialKind, code: str, *, number: str, first_day: date,
    last_day: date, by: Actor, now: datetime,
) -> UUID:  # fmt: skip
    """Write down what a nurse holds through ``last_day`` of the market's clocks; return its id.

    Raises NotFound; Invalid ``code`` for what no place or treatment asks for, or what she holds
    already in that time, ``number``, ``first_day``, ``last_day``.
    """
    nurse = _locked(nurse_for(by, nurse_id))
    _check_code(kind, code, by)
    begins, ends = _span(first_day, last_day, by, now)
    if len(number) > LONGEST_NUMBER:
        raise Invalid({"number": "This is too long."})
    if _held(nurse, kind, code).filter(valid_from__lt=ends, valid_until__gt=begins).exists():
        raise Invalid({"code": "She holds this in that time already: renew it."})
    return _write(nurse, kind, code, number, (begins, ends), "add", by, now)


@transaction.atomic
def renew_credential(
    kind: CredentialKind, credential_id: UUID, last_day: date, *, by: Actor, now: datetime
) -> UUID:
    """Add a row that follows the nurse's last one of this code; return its id.

    It begins where that one ends, or today where it has ended before. Raises NotFound; Invalid
    ``last_day`` where she holds it for as long already.
    """
    row = _row(kind, credential_id, by)
    nurse = _locked(row.nurse)
    last = _held(nurse, kind, row.code).order_by("-valid_until")[0]
    zone = zone_of(by.market_id)
    today = service_date(now, zone)
    _, ends = _span(today, last_day, by, now)
    if ends <= last.valid_until:
        raise Invalid({"last_day": "She holds this for as long already."})
    begins = max(last.valid_until, day_bounds(today, zone)[0])
    return _write(nurse, kind, row.code, last.number, (begins, ends), "renew", by, now)


@transaction.atomic
def end_credential(kind: CredentialKind, credential_id: UUID, *, by: Actor, now: datetime) -> None:
    """It holds no longer from this instant on; one that has not begun is taken away.

    Whoever is giving the nurse time goes first, or sees this. Raises NotFound; Conflict
    ``credential_over``.
    """
    nurse = _row(kind, credential_id, by).nurse
    coming = Shift.objects.filter(nurse=nurse, end_at__gt=now)
    schedule.lock(coming.values_list("id", flat=True), now=now)
    _locked(nurse)
    row = _row(kind, credential_id, by)
    if row.valid_until <= now:
        raise Conflict("credential_over", "This has ended already.")
    if row.valid_from >= now:
        row.delete()
    else:
        MODELS[kind].objects.filter(id=row.id).update(valid_until=now)
    audit.note(by, "end", kind.value, credential_id, now=now)


def _row(kind: CredentialKind, credential_id: UUID, by: Actor) -> Licence | Certificate:
    rows: Any = MODELS[kind].objects.filter(id=credential_id, market_id=by.market_id)
    row: Licence | Certificate | None = rows.select_related("nurse").first()
    if row is None:
        raise NotFound(kind.value)
    return row


def _held(nurse: Nurse, kind: CredentialKind, code: str) -> Any:
    return MODELS[kind].objects.filter(nurse=nurse, code=code)


def _locked(nurse: Nurse) -> Nurse:
    return Nurse.objects.select_for_update(no_key=True).get(id=nurse.id)


def _check_code(kind: CredentialKind, code: str, by: Actor) -> None:
    if kind is CredentialKind.LICENCE and code not in states():
        raise Invalid({"code": "There is no such state."})
    if kind is CredentialKind.CERTIFICATE and code not in certificates_asked(by.market_id):
        raise Invalid({"code": "No treatment asks for this."})


def _span(first: date, last: date, by: Actor, now: datetime) -> tuple[datetime, datetime]:
    """Return the instants of the first day's beginning and the last day's end."""
    zone = zone_of(by.market_id)
    today = service_date(now, zone)
    if last < first:
        raise Invalid({"last_day": "This ends before it begins."})
    if last < today:
        raise Invalid({"last_day": "This day has passed."})
    if last - today > LONGEST_SPAN:
        raise Invalid({"last_day": "This is too far away."})
    if today - first > LONGEST_SPAN:
        raise Invalid({"first_day": "This is too long ago."})
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _write(
    nurse: Nurse, kind: CredentialKind, code: str, number: str,
    span: tuple[datetime, datetime], verb: str, by: Actor, now: datetime,
) -> UUID:  # fmt: skip
    row = MODELS[kind].objects.create(
        market_id=by.market_id, nurse=nurse, code=code, number=number,
        valid_from=span[0], valid_until=span[1],
    )  # fmt: skip
    audit.note(by, verb, kind.value, row.id, now=now)
    return row.id
