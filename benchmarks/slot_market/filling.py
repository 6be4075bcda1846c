"""Writes a drawn market into the database, row for row as the planner sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from dispatch.domain.ids import new_id
from dispatch.domain.people import Role
from dispatch.domain.places import LocationKind
from dispatch.gateways.travel import GeodesicTravel
from dispatch.models import (
    Certificate,
    Licence,
    Location,
    Market,
    Nurse,
    Patient,
    Protocol,
    Reservation,
    Shift,
    User,
    Visit,
)
from dispatch.planning import problem
from dispatch.planning.timing import retime
from dispatch.services.protocols import publish_shipped

ZONE = "America/New_York"
HOMES_ASKED = 200
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Filled:
    dispatcher: UUID
    homes: tuple[UUID, ...]
    visits: int


class Rows:
    """The rows of a market whose second 0 is ``start``; ``save`` writes them."""

    def __init__(self, start: datetime, travel: GeodesicTravel) -> None:
        self.start, self.travel = start, travel
        self.market = Market.objects.create(
            name="Measured", zone=ZONE, is_demo=True, detour_factor=travel.detour,
            speed_kmh=travel.speed_kmh, park_s=travel.park_s,
        )  # fmt: skip
        self.protocol = Protocol.objects.get(code="ketamine_six_induction", is_current=True)
        self.dispatcher = User.objects.create(
            market=self.market, username="bob", role=Role.DISPATCHER.value
        )
        self.users: list[User] = []
        self.nurses: dict[UUID, Nurse] = {}
        self.licences: list[Licence] = []
        self.certificates: list[Certificate] = []
        self.shifts: list[Shift] = []
        self.patients: list[Patient] = []
        self.locations: list[Location] = []
        self.reservations: list[Reservation] = []
        self.visits: list[Visit] = []

    def at(self, second: int) -> datetime:
        return self.start + timedelta(seconds=second)

    def nurse(self, drawn: problem.Shift) -> Nurse:
        if drawn.nurse.id not in self.nurses:
            user = User(
                market=self.market, username=f"nurse {drawn.nurse.id}", role=Role.NURSE.value
            )
            nurse = Nurse(
                id=new_id(), market=self.market, user=user, name="N", phone="",
                home_lat=drawn.home.lat, home_lng=drawn.home.lng,
            )  # fmt: skip
            self.users.append(user)
            self.nurses[drawn.nurse.id] = nurse
            for one in drawn.nurse.licences:
                self.licences.append(Licence(code=one.code, **self._held(nurse, one)))
            (one,) = drawn.nurse.certificates
            for code in self.protocol.data["certificates"]:
                self.certificates.append(Certificate(code=code, **self._held(nurse, one)))
        return self.nurses[drawn.nurse.id]

    def _held(self, nurse: Nurse, one: problem.Credential) -> dict[str, Any]:
        since, until = self.at(one.valid_from) - timedelta(days=9), self.at(one.valid_until)
        return {
            "market": self.market, "nurse": nurse, "valid_from": since, "valid_until": until,
        }  # fmt: skip

    def shift(self, drawn: problem.Shift) -> None:
        nurse = self.nurse(drawn)
        row = Shift(
            market=self.market, nurse=nurse, service_date=self.at(drawn.start).date(),
            start_at=self.at(drawn.start), end_at=self.at(drawn.end),
            home_lat=drawn.home.lat, home_lng=drawn.home.lng,
        )  # fmt: skip
        self.shifts.append(row)
        for stop, timed in zip(drawn.stops, retime(drawn, self.travel, 0), strict=True):
            location = self.location(stop.point)
            reservation = Reservation(
                id=new_id(), market=self.market, shift=row, nurse=nurse,
                patient_id=location.patient_id, leave_at=self.at(timed.leave),
                start_at=self.at(timed.start), end_at=self.at(timed.end),
                infusion_from=self.at(timed.start), infusion_until=self.at(timed.end),
            )  # fmt: skip
            self.reservations.append(reservation)
            self.visits.append(self.visit(stop, location, reservation))

    def location(self, point: problem.Point, state: str = "VA") -> Location:
        patient = Patient(id=new_id(), market=self.market, name="P", phone="", phone_index="")
        self.patients.append(patient)
        location = Location(
            id=new_id(), market=self.market, patient=patient, kind=LocationKind.RESIDENCE.value,
            address="", zip_code="22201", state=state, lat=point.lat, lng=point.lng,
            approximate=False, zone=ZONE,
        )  # fmt: skip
        self.locations.append(location)
        return location

    def visit(self, stop: problem.Stop, location: Location, held: Reservation) -> Visit:
        return Visit(
            market=self.market, patient_id=location.patient_id, location=location,
            protocol=self.protocol, window_start=self.at(stop.earliest),
            window_end=self.at(stop.latest), window_promised=True,
            service_date=held.start_at.date(), reservation=held, booked_at=self.start,
            booked_by=self.dispatcher,
        )  # fmt: skip

    def save(self) -> None:
        User.objects.bulk_create(self.users, batch_size=BATCH)
        Nurse.objects.bulk_create(self.nurses.values(), batch_size=BATCH)
        Licence.objects.bulk_create(self.licences, batch_size=BATCH)
        Certificate.objects.bulk_create(self.certificates, batch_size=BATCH)
        Shift.objects.bulk_create(self.shifts, batch_size=BATCH)
        Patient.objects.bulk_create(self.patients, batch_size=BATCH)
        Location.objects.bulk_create(self.locations, batch_size=BATCH)
        Reservation.objects.bulk_create(self.reservations, batch_size=BATCH)
        Visit.objects.bulk_create(self.visits, batch_size=BATCH)


def fill(drawn: Sequence[problem.Shift], start: datetime, travel: GeodesicTravel) -> Filled:
    """Write the market; ``start`` is its second 0. The homes to ask for are some of its own."""
    publish_shipped()
    rows = Rows(start, travel)
    for shift in drawn:
        rows.shift(shift)
    step = max(1, len(rows.locations) // HOMES_ASKED)
    asked = [
        rows.location(problem.Point(one.lat, one.lng), state)
        for one, state in zip(
            rows.locations[::step], ("DC", "MD", "VA") * HOMES_ASKED, strict=False
        )
    ]
    rows.save()
    if timezone.now() > start:
        raise RuntimeError("The market began before it was written.")
    return Filled(rows.dispatcher.id, tuple(one.id for one in asked), len(rows.visits))
