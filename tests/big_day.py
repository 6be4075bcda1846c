"""A market's full day in few statements: many nurses, their stops, and what has happened by now."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from demo.market.invent import Inventor
from dispatch.domain.people import Role
from dispatch.models import (
    Assignment,
    Certificate,
    FieldEvent,
    Licence,
    Location,
    Market,
    Message,
    Nurse,
    Patient,
    Reservation,
    Shift,
    User,
    Visit,
)
from dispatch.models.clock import database_now
from tests.builders import LONG_AGO, NEVER, PHONE, STREET, TOMORROW, WASHINGTON, ZONE, World, at
from tests.builders import named as marked

SERVICE = timedelta(minutes=130)
DRIVE = timedelta(minutes=20)
INFUSION_FROM, INFUSION_UNTIL = timedelta(minutes=20), timedelta(minutes=60)
SKILLS = ("iv_ketamine", "acls", "iv_therapy")
STEPS = (
    ("departed_at", "depart", "en_route", -DRIVE),
    ("arrived_at", "arrive", "arrived", timedelta()),
    ("infusion_started_at", "start-infusion", "in_treatment", INFUSION_FROM),
    ("infusion_ended_at", "end-infusion", "recovering", INFUSION_UNTIL),
    ("discharged_at", "discharge", "recovering", SERVICE - timedelta(minutes=10)),
    ("completed_at", "complete", "completed", SERVICE),
)


@dataclass
class BigDay:
    """Tomorrow in Bob's market, seen at ``now``. Every fourth nurse is behind her times, each
    eleventh has a certificate that ends soon; of the rest ``waiting`` visits have nobody."""

    world: World
    now: datetime
    nurses: int = 60
    stops: int = 5
    waiting: int = 12
    name: Callable[[str], str] = marked

    def fill(self) -> None:
        self.draw, self.inventor = random.Random(7), Inventor()
        offset = self.now - database_now()
        Market.objects.filter(id=self.world.market.id).update(clock_offset=offset)
        self.protocol = self.world.protocol_row()
        shifts = self._shifts()
        visits = list(self._visits(shifts))
        Reservation.objects.bulk_create(one.reservation for one in visits)
        Visit.objects.bulk_create(visits)
        Visit.objects.filter(id__in=[one.id for one in visits]).update(status="assigned")
        self._happen(visits)
        self._leave_waiting()
        self._go_dead(visits[:2])

    def _shifts(self) -> list[Shift]:
        market, mine = self.world.market, {"market": self.world.market}
        people = [
            User(username=f"nurse-{number}@{market.name}", role=Role.NURSE.value, **mine)
            for number in range(self.nurses)
        ]
        User.objects.bulk_create(people)
        nurses = [
            Nurse(user=user, name=self.inventor.name(), phone=PHONE, home_lat=lat, home_lng=lng,
                  **mine)
            for user in people
            for lat, lng in [self._point()]
        ]  # fmt: skip
        Nurse.objects.bulk_create(nurses)
        Licence.objects.bulk_create(
            Licence(nurse=one, code=state, valid_from=LONG_AGO, valid_until=NEVER, **mine)
            for one in nurses
            for state in ("DC", "MD", "VA")
        )
        Certificate.objects.bulk_create(
            Certificate(nurse=one, code=code, valid_from=LONG_AGO, valid_until=until, **mine)
            for number, one in enumerate(nurses)
            for code in SKILLS
            for until in [NEVER if number % 11 else self.now + timedelta(days=6)]
        )
        shifts = [
            Shift(nurse=one, service_date=TOMORROW, start_at=at(7), end_at=at(20),
                  home_lat=one.home_lat, home_lng=one.home_lng, **mine)
            for one in nurses
        ]  # fmt: skip
        return Shift.objects.bulk_create(shifts)

    def _visits(self, shifts: Sequence[Shift]) -> Iterator[Visit]:
        homes = iter(self._homes(len(shifts) * self.stops))
        for number, shift in enumerate(shifts):
            first = at(7, 20) + timedelta(minutes=10 * (number % 4))
            for stop in range(self.stops):
                start = first + stop * (SERVICE + DRIVE)
                home = next(homes)
                window = start - timedelta(minutes=self.draw.choice((0, 10, 20)))
                held = Reservation(
                    market=self.world.market, shift=shift, nurse=shift.nurse, patient=home.patient,
                    leave_at=start - DRIVE + timedelta(minutes=self.draw.choice((0, 5, 9))),
                    start_at=start, end_at=start + SERVICE,
                    infusion_from=start + INFUSION_FROM, infusion_until=start + INFUSION_UNTIL,
                )  # fmt: skip
                yield self._visit(home, window, window + timedelta(minutes=30), held)

    def _visit(
        self, home: Location, start: datetime, end: datetime, held: Reservation | None
    ) -> Visit:
        return Visit(
            market=self.world.market, patient=home.patient, location=home, protocol=self.protocol,
            window_start=start, window_end=end, window_promised=held is not None,
            phase="induction", service_date=TOMORROW, booked_at=LONG_AGO,
            booked_by_id=self.world.bob.user_id, reservation=held,
        )  # fmt: skip

    def _homes(self, count: int) -> list[Location]:
        patients = [
            Patient(market=self.world.market, name=self.name(self.inventor.name()), phone=PHONE)
            for _ in range(count)
        ]
        Patient.objects.bulk_create(patients)
        kinds = cycle(("residence", "residence", "hotel"))
        return Location.objects.bulk_create(
            Location(market=self.world.market, patient=one, kind=next(kinds), address=STREET,
                     zip_code="20001", state="DC", lat=lat, lng=lng, approximate=False, zone=ZONE)
            for one in patients
            for lat, lng in [self._point()]
        )  # fmt: skip

    def _happen(self, visits: Sequence[Visit]) -> None:
        """What was to have happened by now has, but for the nurses who are behind."""
        given = {
            one.id: Assignment(market=one.market, visit=one, nurse=one.reservation.nurse,
                               since=LONG_AGO)
            for one in visits
        }  # fmt: skip
        Assignment.objects.bulk_create(given.values())
        for column, kind, status, after in STEPS:
            done = [
                one
                for number, one in enumerate(visits)
                if one.reservation.start_at + after + self._behind(number // self.stops) <= self.now
            ]
            for one in done:
                setattr(one, column, one.reservation.start_at + after + timedelta(minutes=3))
                one.status = status
            FieldEvent.objects.bulk_create(
                FieldEvent(market=one.market, visit=one, assignment=given[one.id], type=kind,
                           device_time=self.now, received_at=self.now, data="{}",
                           recorded_by=one.reservation.nurse.user)
                for one in done
            )  # fmt: skip
            Visit.objects.bulk_update(done, [column, "status"])

    def _behind(self, number: int) -> timedelta:
        return timedelta(minutes=150 if number % 4 == 3 else 0)

    def _leave_waiting(self) -> None:
        homes = self._homes(self.waiting)
        visits = [
            self._visit(home, at(13 + number % 3), at(17 + number % 3), None)
            for number, home in enumerate(homes)
        ]
        for one in visits[::4]:
            one.unassigned_because = {"within_shift": 40, "arrives_in_window": 20}
        Visit.objects.bulk_create(visits)
        Visit.objects.filter(id=visits[-1].id).update(status="suspended")

    def _go_dead(self, visits: Sequence[Visit]) -> None:
        Message.objects.bulk_create(
            Message(market=one.market, visit=one, kind="reminder", audience="patient",
                    person_id=one.patient_id, template="reminder_24h", about_id=one.id, move=0,
                    due_at=LONG_AGO, state="dead")
            for one in visits
        )  # fmt: skip

    def _point(self) -> tuple[float, float]:
        lat, lng = WASHINGTON
        return lat + self.draw.uniform(-0.12, 0.12), lng + self.draw.uniform(-0.16, 0.16)


def some_visit(market_id: UUID) -> Visit:
    """The first on the routes that is still to come."""
    assigned = Visit.objects.filter(market_id=market_id, status="assigned")
    return assigned.order_by("reservation__start_at", "id")[0]
