"""Forty nurses: who may work where, what they have proven, and when they work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from demo.market.invent import ZIP_CODES, Inventor, place
from demo.names import username_of
from dispatch.domain.clock import service_date
from dispatch.domain.people import Role
from dispatch.models import (
    Certificate,
    Licence,
    Market,
    Nurse,
    ShiftException,
    ShiftRule,
    User,
)

COUNT = 40
LICENCES = (
    ("DC", "MD", "VA"), ("MD", "DC"), ("VA", "DC"), ("DC", "MD", "VA"), ("VA",), ("MD", "DC", "VA"),
    ("MD",), ("VA", "MD", "DC"),
)  # fmt: skip
"""In turn; the first is the state in which the nurse lives."""
HOURS = ((time(7), time(17)), (time(8), time(18)), (time(9), time(19)), (time(10), time(20, 30)))
FULL = ("iv_therapy", "iv_ketamine", "acls")
FLUIDS_ONLY = ("iv_therapy",)
NEAR_HOME_DEG = 0.015


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one nurse."""

    user: User
    nurse: Nurse
    licences: list[Licence]
    certificates: list[Certificate]
    rules: list[ShiftRule]
    exceptions: list[ShiftException]


def hire(market: Market, inventor: Inventor, *, now: datetime) -> list[Nurse]:
    """Write the nurses with all that belongs to them."""
    hired = [_invented(market, inventor, number, now) for number in range(COUNT)]
    User.objects.bulk_create([one.user for one in hired])
    nurses = Nurse.objects.bulk_create([one.nurse for one in hired])
    Licence.objects.bulk_create([row for one in hired for row in one.licences])
    Certificate.objects.bulk_create([row for one in hired for row in one.certificates])
    ShiftRule.objects.bulk_create([row for one in hired for row in one.rules])
    ShiftException.objects.bulk_create([row for one in hired for row in one.exceptions])
    return nurses


def _invented(market: Market, inventor: Inventor, number: int, now: datetime) -> Rows:
    draw, states = inventor.draw, LICENCES[number % len(LICENCES)]
    name = inventor.name()
    home = place(draw.choice(ZIP_CODES[states[0]]))
    user = User(market=market, username=username_of(name), role=Role.NURSE.value)
    user.set_unusable_password()
    nurse = Nurse(
        market=market,
        user=user,
        name=name,
        phone=inventor.phone(),
        home_lat=round(home.lat + draw.uniform(-NEAR_HOME_DEG, NEAR_HOME_DEG), 6),
        home_lng=round(home.lng + draw.uniform(-NEAR_HOME_DEG, NEAR_HOME_DEG), 6),
    )
    owned = {"market": market, "nurse": nurse}
    held = FLUIDS_ONLY if number % 5 == 4 else FULL  # noqa: PLR2004 - every fifth
    return Rows(
        user,
        nurse,
        [Licence(**owned, code=state, **_validity(inventor, now)) for state in states],
        [
            Certificate(
                **owned, code=code, **_validity(inventor, now, soon=_ends_soon(number, code))
            )
            for code in held
        ]
        + list(_skilled(owned, number, now)),
        list(_week(owned, number, now)),
        list(_exceptions(owned, number, now)),
    )


def _skilled(owned: dict[str, Any], number: int, now: datetime) -> Iterator[Certificate]:
    """Every fourth nurse finds veins that others do not."""
    if number % 4 == 0:
        year = timedelta(days=365)
        validity = {"valid_from": now - year, "valid_until": now + year}
        yield Certificate(**owned, code="difficult_iv", **validity)


def _ends_soon(number: int, code: str) -> bool:
    """A few certificates run out within the fortnight that is booked."""
    return code == "acls" and number % 8 == 1


def _validity(inventor: Inventor, now: datetime, *, soon: bool = False) -> dict[str, Any]:
    days = inventor.draw.randint(5, 12) if soon else inventor.draw.randint(250, 700)
    since = now - timedelta(days=inventor.draw.randint(30, 700))
    return {"valid_from": since, "valid_until": now + timedelta(days=days)}


def _week(owned: dict[str, Any], number: int, now: datetime) -> Iterator[ShiftRule]:
    """Five days on and two off, the days off another for every nurse, weekends included."""
    off = {number % 7, (number + 1 + number % 3) % 7}
    starts, ends = HOURS[number % len(HOURS)]
    first_day = service_date(now, owned["market"].zone)
    for weekday in range(7):
        if weekday not in off:
            yield ShiftRule(**owned, weekday=weekday, starts=starts, ends=ends, first_day=first_day)


def _exceptions(owned: dict[str, Any], number: int, now: datetime) -> Iterator[ShiftException]:
    """Every fourth nurse is away for a day, every sixth works half of one."""
    today = service_date(now, owned["market"].zone)
    if number % 4 == 0:
        yield ShiftException(**owned, day=today + timedelta(days=3 + number % 9))
    if number % 6 == 1:
        day = today + timedelta(days=2 + number % 11)
        yield ShiftException(**owned, day=day, starts=time(8), ends=time(13))
