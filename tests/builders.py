"""A small world for tests: each builder names what matters and fills in the rest.

Alice is the patient, Bob the dispatcher, Dora the prescriber, Nina the nurse, Mallory a stranger.
The market's clock stands where a test puts it: services take ``now`` as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from dispatch.agreeing import agree, agree_for_companion
from dispatch.domain.channels import Channel
from dispatch.domain.clock import to_instant
from dispatch.domain.people import Actor, Role
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol, parse_protocol
from dispatch.models import (
    Certificate,
    Companion,
    Licence,
    Location,
    Market,
    Nurse,
    Patient,
    Shift,
    Supervision,
    User,
    Visit,
)
from dispatch.models import Protocol as ProtocolRow
from dispatch.models.encrypted import blind_index
from dispatch.selectors.slots import Slot, find_slots
from dispatch.services.booking import book_hold
from dispatch.services.custody import receive_vials
from dispatch.services.fieldwork import record_events
from dispatch.services.holds import take_hold
from dispatch.services.protocols import publish_shipped
from tests.canaries import MARK
from tests.telling import DOSE_UG, told

ZONE = "America/New_York"
TODAY = date(2027, 6, 7)
NOW = to_instant(TODAY, time(8), ZONE)
TOMORROW = TODAY + timedelta(days=1)
PHONE = "+12025550100"
COMPANIONS_PHONE = "+12025550101"
STREET = f"1 {MARK} Street"
PASSWORD = "correct horse battery staple"
KETAMINE = "ketamine_six_induction"

WASHINGTON = (38.9072, -77.0369)
ARLINGTON = (38.8816, -77.0910)
BETHESDA = (38.9847, -77.0947)
NEVER = datetime(2099, 1, 1, tzinfo=UTC)
LAST_DAY = NEVER.date()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: date = TOMORROW, zone: str = ZONE) -> datetime:
    """The instant at which the clocks show this time; tomorrow if no day is named."""
    return to_instant(day, time(hour, minute), zone)


def named(name: str) -> str:
    """A person's name, marked: it may be found nowhere but where it belongs."""
    return f"{name} {MARK}"


@dataclass
class World:
    """One market with the people of the stories, and verbs to act with."""

    name: str = "Washington"
    demo: bool = True

    @cached_property
    def market(self) -> Market:
        if not ProtocolRow.objects.exists():  # the tests' own databases begin with them
            publish_shipped()
        return Market.objects.create(
            name=self.name, zone=ZONE, is_demo=self.demo, office_phone="+12025550199"
        )

    def user(self, name: str, role: Role, password: str | None = None) -> User:
        user = User(market=self.market, username=f"{name}@{self.market.name}", role=role.value)
        user.set_password(password)
        user.save()
        return user

    @cached_property
    def bob(self) -> Actor:
        return Actor(self.user("bob", Role.DISPATCHER).id, Role.DISPATCHER, self.market.id)

    @cached_property
    def dora(self) -> Actor:
        return Actor(self.user("dora", Role.PRESCRIBER).id, Role.PRESCRIBER, self.market.id)

    @cached_property
    def anna(self) -> Actor:
        return Actor(self.user("anna", Role.ADMINISTRATOR).id, Role.ADMINISTRATOR, self.market.id)

    @cached_property
    def alice(self) -> Actor:
        return self.patient("alice")

    def patient(self, name: str) -> Actor:
        user = self.user(name, Role.PATIENT)
        patient = Patient.objects.create(
            market=self.market,
            user=user,
            name=named(name),
            phone=PHONE,
            phone_index=blind_index(PHONE),
        )
        actor = Actor(user.id, Role.PATIENT, self.market.id, patient.id)
        agree(patient.id, Channel.TEXT, PHONE, "text.en.1", by=actor, now=NOW)
        return actor

    def home(
        self,
        patient: Actor,
        point: tuple[float, float] = WASHINGTON,
        *,
        state: str = "DC",
        kind: LocationKind = LocationKind.RESIDENCE,
        zone: str = ZONE,
    ) -> Location:
        return Location.objects.create(
            market=self.market,
            patient_id=patient.person_id,
            kind=kind.value,
            address=STREET,
            zip_code="20001",
            state=state,
            lat=point[0],
            lng=point[1],
            approximate=False,
            zone=zone,
        )

    def companion(self, patient: Actor) -> Companion:
        """Carl, of whom the patient says that he may be sent texts."""
        companion = Companion.objects.create(
            market=self.market,
            patient_id=patient.person_id,
            name=named("Carl"),
            phone=COMPANIONS_PHONE,
            phone_index=blind_index(COMPANIONS_PHONE),
        )
        agree_for_companion(companion, by=patient, now=NOW)
        return companion

    def nurse(
        self,
        name: str,
        point: tuple[float, float] = WASHINGTON,
        *,
        states: tuple[str, ...] = ("DC", "MD", "VA"),
        certificates: tuple[str, ...] = ("iv_ketamine", "acls", "iv_therapy"),
        certificates_until: datetime = NEVER,
    ) -> Actor:
        user = self.user(name, Role.NURSE)
        nurse = Nurse.objects.create(
            market=self.market, user=user, name=name, phone=PHONE,
            home_lat=point[0], home_lng=point[1],
        )  # fmt: skip
        held = {"market": self.market, "nurse": nurse, "valid_from": LONG_AGO}
        for state in states:
            Licence.objects.create(code=state, valid_until=NEVER, **held)
        for code in certificates:
            Certificate.objects.create(code=code, valid_until=certificates_until, **held)
        return Actor(user.id, Role.NURSE, self.market.id, nurse.id)

    def shift(self, nurse: Actor, day: date = TOMORROW, starts: int = 8, ends: int = 18) -> Shift:
        home = Nurse.objects.get(id=nurse.person_id)
        return Shift.objects.create(
            market=self.market,
            nurse=home,
            service_date=day,
            start_at=at(starts, day=day),
            end_at=at(ends, day=day),
            home_lat=home.home_lat,
            home_lng=home.home_lng,
        )

    def vial(
        self, number: str = "V1", content_ug: int = 50_000, expires_on: date = LAST_DAY
    ) -> UUID:
        """A vial of ketamine, received into stock."""
        (vial_id,) = receive_vials(
            [number], drug="ketamine", lot="L7", content_ug=content_ug, expires_on=expires_on,
            by=self.anna, now=NOW,
        )  # fmt: skip
        return vial_id

    def supervise(
        self, infusions: int, begins: datetime = LONG_AGO, ends: datetime | None = None
    ) -> Supervision:
        """Dora watches so many infusions at once."""
        return Supervision.objects.create(
            market=self.market, clinician_id=self.dora.user_id, infusions=infusions,
            begins_at=begins, ends_at=ends,
        )  # fmt: skip

    def market_shifts(self) -> list[Shift]:
        return list(Shift.objects.filter(market=self.market))

    def protocol_row(self, code: str = KETAMINE) -> ProtocolRow:
        return ProtocolRow.objects.get(code=code, is_current=True)

    def protocol(self, code: str = KETAMINE) -> Protocol:
        return parse_protocol(self.protocol_row(code).data)

    def slots(
        self,
        home: Location,
        day: date = TOMORROW,
        *,
        code: str = KETAMINE,
        nurse: Actor | None = None,
        now: datetime = NOW,
    ) -> tuple[Slot, ...]:
        asked = None if nurse is None else nurse.person_id
        return find_slots(
            home, self.protocol(code), at(0, day=day), at(23, day=day), nurse_id=asked, now=now
        )

    def hold(
        self, slot: Slot, home: Location, by: Actor, *, code: str = KETAMINE, now: datetime = NOW
    ) -> UUID:
        return take_hold(
            slot,
            location_id=home.id,
            protocol_id=self.protocol_row(code).id,
            asked_nurse_id=None,
            by=by,
            now=now,
        )

    def carry_out(
        self,
        visit_id: UUID,
        start: datetime,
        end: datetime,
        *,
        point: tuple[float, float] | None = None,
        ends: str = "complete",
    ) -> Visit:
        """Have an assigned visit behind us, as the nurse's phone tells it afterwards."""
        place = {} if point is None else {"lat": point[0], "lng": point[1]}
        data = {"arrive": place, "start-infusion": {"dose_ug": DOSE_UG}}
        steps = ["depart", "arrive"]
        if ends == "complete":
            steps += ["start-infusion", "end-infusion", "discharge"]
        if ends == "abort":
            data["abort"] = {"reason": "patient_stopped"}
        events = [told(step, start, **data.get(step, {})) for step in steps]
        visit = Visit.objects.select_related("reservation__nurse").get(id=visit_id)
        nurse = visit.reservation.nurse
        by = Actor(nurse.user_id, Role.NURSE, self.market.id, nurse.id)
        record_events(visit_id, [*events, told(ends, end, **data.get(ends, {}))], by=by, now=end)
        return Visit.objects.get(id=visit_id)

    def book(
        self,
        home: Location,
        by: Actor,
        start: datetime,
        *,
        companion: Companion | None = None,
        now: datetime = NOW,
    ) -> UUID:
        """Book the slot that begins at ``start``, as the app would."""
        day = start.astimezone(UTC).date()
        (slot,) = (one for one in self.slots(home, day, now=now) if one.start == start)
        return book_hold(
            self.hold(slot, home, by, now=now),
            companion_id=None if companion is None else companion.id,
            key=None,
            by=by,
            now=now,
        )
