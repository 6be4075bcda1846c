"""Several markets full of nurses, each with a clock of its own, and patients who want to book."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from uuid import UUID

import phonenumbers

from dispatch.domain.channels import Channel
from dispatch.domain.ids import new_id
from dispatch.domain.people import Role
from dispatch.domain.places import LocationKind
from dispatch.models import ContactConsent, Location, Market, Patient, SignIn, User
from dispatch.models.encrypted import blind_index
from tests.builders import NOW, TODAY, TOMORROW, WASHINGTON, ZONE, World, at

PROTOCOL = "hydration_drip"
REMINDED_AT = 18
"""The hour at which people are told of the next day's visit."""
VISITS_A_NURSE = 5
NEARBY_DEG = 0.03
AREA_CODES = range(201, 990)


@dataclass(frozen=True)
class Person:
    """A patient with a home in one market."""

    user_id: UUID
    patient_id: UUID
    location_id: UUID
    market: int
    phone: str


@dataclass(frozen=True)
class Town:
    """``marks`` are the moments, by the wall clock, at which each market's reminders fall due."""

    people: tuple[Person, ...]
    market_ids: tuple[UUID, ...]
    marks: list[float] = field(default_factory=list)
    day: str = TOMORROW.isoformat()

    def set_clocks(self, marks: list[float]) -> None:
        """Have the reminders of each market fall due at its mark."""
        self.marks[:] = marks
        for market_id, mark in zip(self.market_ids, marks, strict=True):
            Market.objects.filter(id=market_id).update(
                clock_offset=at(REMINDED_AT, day=TODAY) - datetime.fromtimestamp(mark, UTC)
            )


def seed(markets: int, patients: int, draw: random.Random) -> Town:
    """Make markets, nurses enough for all the patients, and these."""
    a_market = math.ceil(patients / markets)
    phones = _phones()
    people: list[Person] = []
    worlds = [World(f"Market {number}") for number in range(markets)]
    for number, world in enumerate(worlds):
        for nurse in range(math.ceil(a_market * 1.4 / VISITS_A_NURSE)):
            world.shift(world.nurse(f"nurse {nurse}"))
        people += _patients(world.market, number, list(islice(phones, a_market)), draw)
    draw.shuffle(people)
    return Town(tuple(people), tuple(world.market.id for world in worlds))


def _patients(market: Market, number: int, phones: list[str], draw: random.Random) -> list[Person]:
    users = [
        User(id=new_id(), market=market, username=f"{phone}@{market.name}", role=Role.PATIENT.value)
        for phone in phones
    ]
    User.objects.bulk_create(users)
    SignIn.objects.bulk_create(SignIn(id=user.id, user=user, begun_at=NOW) for user in users)
    patients = [
        Patient(
            id=new_id(), market=market, user=user, name="Somebody", phone=phone,
            phone_index=blind_index(phone), channels=["text"],
        )
        for user, phone in zip(users, phones, strict=True)
    ]  # fmt: skip
    Patient.objects.bulk_create(patients)
    ContactConsent.objects.bulk_create(
        ContactConsent(
            id=new_id(), market=market, person_id=patient.id, channel=Channel.TEXT.value,
            address_index=patient.phone_index, wording="text.en.1", given_at=NOW, given_by=user,
        )
        for user, patient in zip(users, patients, strict=True)
    )  # fmt: skip
    homes = [_home(market, patient, draw) for patient in patients]
    Location.objects.bulk_create(homes)
    rows = zip(users, patients, homes, phones, strict=True)
    return [Person(user.id, one.id, home.id, number, phone) for user, one, home, phone in rows]


def _home(market: Market, patient: Patient, draw: random.Random) -> Location:
    return Location(
        id=new_id(), market=market, patient=patient, kind=LocationKind.RESIDENCE.value,
        address="1 Main Street", zip_code="20001", state="DC", approximate=False, zone=ZONE,
        lat=WASHINGTON[0] + draw.uniform(-NEARBY_DEG, NEARBY_DEG),
        lng=WASHINGTON[1] + draw.uniform(-NEARBY_DEG, NEARBY_DEG),
    )  # fmt: skip


def _phones() -> Iterator[str]:
    """Numbers that are kept for fiction, of every area, and so belong to nobody."""
    for line in count(100):
        for area in AREA_CODES:
            number = f"+1{area}5550{line}"
            if phonenumbers.is_valid_number(phonenumbers.parse(number)):
                yield number
        if line == 199:
            return
