"""People, their places and companions, as those who may see them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor, Role
from dispatch.models import Companion, Location, Market, Nurse, Patient
from dispatch.models.encrypted import blind_indexes
from dispatch.models.row import MarketRow
from dispatch.selectors.access import patient_for
from dispatch.selectors.clock import market_now

R = TypeVar("R", bound=MarketRow)

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class MarketCard:
    id: UUID
    name: str
    zone: str
    is_demo: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class MyAccount:
    """Who is signed in; ``patient`` or ``nurse`` is the person the user is, if any."""

    id: UUID
    username: str
    role: str
    market: MarketCard
    patient: UUID | None
    nurse: UUID | None


@dataclass(frozen=True, slots=True)
class PatientLine:
    id: UUID
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class NurseLine:
    id: UUID
    name: str
    states: list[str]
    certificates: list[str]


@dataclass(frozen=True, slots=True)
class LocationLine:
    id: UUID
    patient: UUID
    kind: str
    address: str
    access_notes: str
    zip_code: str
    state: str
    zone: str
    lat: float
    lng: float
    approximate: bool


@dataclass(frozen=True, slots=True)
class CompanionLine:
    id: UUID
    patient: UUID
    name: str
    phone: str


def my_account(by: Actor, username: str) -> MyAccount:
    market = Market.objects.get(id=by.market_id)
    card = MarketCard(market.id, market.name, market.zone, market.is_demo, market_now(market.id))
    return MyAccount(
        by.user_id,
        username,
        by.role.value,
        card,
        patient=by.person_id if by.role is Role.PATIENT else None,
        nurse=by.person_id if by.role is Role.NURSE else None,
    )


def patients_of(by: Actor) -> QuerySet[Patient]:
    """The rows behind a page of the market's patients."""
    return Patient.objects.filter(market_id=by.market_id)


def patients_with(by: Actor, phone: str) -> QuerySet[Patient]:
    """The market's patients with a phone number, newest first; the number is in E.164."""
    return patients_of(by).filter(phone_index__in=blind_indexes(phone)).order_by("-id")


def patient_names(by: Actor, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return the names of those of the market's patients who are asked about."""
    return dict(patients_of(by).filter(id__in=set(ids)).values_list("id", "name"))


def patients_named(by: Actor, part: str) -> list[Patient]:
    """The market's patients with this in their names, newest first and not more than MOST_FOUND.

    Names are kept so that PostgreSQL cannot read them: each is looked at here.
    """
    wanted = part.casefold().split()
    rows = patients_of(by).order_by("-id").iterator()
    found = (one for one in rows if all(word in one.name.casefold() for word in wanted))
    return list(islice(found, MOST_FOUND))


def nurses_of(by: Actor) -> QuerySet[Nurse]:
    """The rows behind a page of the market's nurses."""
    nurses = Nurse.objects.filter(market_id=by.market_id)
    return nurses.prefetch_related("licences", "certificates")


def locations_of(by: Actor, patient_id: UUID | None) -> QuerySet[Location]:
    return _of_patient(Location.objects.all(), by, patient_id)


def companions_of(by: Actor, patient_id: UUID | None) -> QuerySet[Companion]:
    return _of_patient(Companion.objects.all(), by, patient_id)


def patient_line(patient: Patient) -> PatientLine:
    return PatientLine(patient.id, patient.name, patient.phone)


def nurse_line(nurse: Nurse) -> NurseLine:
    states = sorted({licence.code for licence in nurse.licences.all()})
    codes = sorted({certificate.code for certificate in nurse.certificates.all()})
    return NurseLine(nurse.id, nurse.name, states, codes)


def location_line(place: Location) -> LocationLine:
    return LocationLine(
        place.id,
        place.patient_id,
        place.kind,
        place.address,
        place.access_notes,
        place.zip_code,
        place.state,
        place.zone,
        place.lat,
        place.lng,
        place.approximate,
    )


def companion_line(companion: Companion) -> CompanionLine:
    return CompanionLine(companion.id, companion.patient_id, companion.name, companion.phone)


def _of_patient(rows: QuerySet[R], by: Actor, patient_id: UUID | None) -> QuerySet[R]:
    """A patient's own rows; staff see the market's, or one patient's. Raises NotFound."""
    rows = rows.filter(market_id=by.market_id)
    if by.role is Role.PATIENT:
        rows = rows.filter(patient_id=by.person_id)
    return rows if patient_id is None else rows.filter(patient=patient_for(by, patient_id))
