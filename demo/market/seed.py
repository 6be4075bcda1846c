"""The demo market from nothing, in one transaction: it is there as a whole or not at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from rich.console import Console
from rich.progress import track

from demo.market.bookings import DAYS, VISITS, SeedError, add_place, book_visits
from demo.market.invent import Inventor
from demo.market.logins import Logins, hand_out
from demo.market.nurses import hire
from demo.market.people import NAME, USERNAMES, Staff, employ, open_market, sign_up
from demo.market.preparations import accompany, prepare
from dispatch import outbox
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.people import Role
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import Status
from dispatch.models import CompanionRequest, Market, OutboxEvent, Reservation, User, Visit
from dispatch.selectors.clock import market_now
from dispatch.services.companions import answer_as_companion
from dispatch.services.shifts import roll_shifts
from workers.poke import poke
from workers.work import deliver_events

ANSWERS = [CompanionAnswer.CONFIRMED] * 7 + [CompanionAnswer.DECLINED] + [None] * 2

WALKERS_PLACES = {LocationKind.RESIDENCE: "20816", LocationKind.HOTEL: "20004"}
"""Where no other patient lives: the nurse has a drive to make."""


def ensure_market(console: Console) -> Logins:
    """Seed the market where there is none, else top up its shifts; return the logins."""
    market = Market.objects.filter(name=NAME).first()
    if market is None:
        with _workers_asleep():
            market = _seed(console)
        poke()
    roll_shifts(market.id, now=market_now(market.id))
    return hand_out(market, USERNAMES | {Role.NURSE: _nurse_to_try(market)})


@transaction.atomic
def _seed(console: Console) -> Market:
    market, inventor = open_market(), Inventor()
    now = market_now(market.id)
    staff = employ(market)
    hire(market, inventor, now=now)
    roll_shifts(market.id, days=DAYS + 1, now=now)  # those of later days would only be in the way
    _walker(market, inventor, now)
    _fill(market, staff, inventor, console, now)
    return market


@contextmanager
def _workers_asleep() -> Iterator[None]:
    """They can see nothing before the whole market is there: one poke then does for all."""
    outbox.on_record(_wake_nobody)
    try:
        yield
    finally:
        outbox.on_record(poke)


def _wake_nobody() -> None:
    """For as long as the market is being filled."""


def _nurse_to_try(market: Market) -> str:
    """Return the username of the nurse who has the next visit."""
    nurses = User.objects.filter(market=market, role=Role.NURSE.value)
    due = Reservation.objects.filter(
        market=market, visit__isnull=False, start_at__gt=market_now(market.id)
    )
    busy = due.order_by("start_at").values_list("nurse__user__username", flat=True).first()
    return busy or nurses.order_by("id")[0].username


def _walker(market: Market, inventor: Inventor, now: datetime) -> None:
    """The patient of the demo login: two places, a consult, and nothing booked yet."""
    walker = sign_up(market, inventor, USERNAMES[Role.PATIENT])
    for kind, zip_code in WALKERS_PLACES.items():
        add_place(walker.by, inventor.address_in(zip_code, kind), now=now)
    accompany(walker, market, now=now)


def _fill(
    market: Market, staff: Staff, inventor: Inventor, console: Console, now: datetime
) -> None:
    visits = book_visits(market, staff, inventor, now=now)
    shown = track(visits, total=VISITS, description="Booking visits", console=console)
    deque(shown, maxlen=0)
    _deliver()
    for request in CompanionRequest.objects.filter(market=market).order_by("id"):
        answer = inventor.draw.choice(ANSWERS)
        if answer is not None:
            answer_as_companion(request.secret, answer, now=now)
    prepare(market, staff, inventor, now=now)
    _deliver()
    _check(market)


def _deliver() -> None:
    """Round after round, until every event has taken."""
    while deliver_events():
        continue


def _check(market: Market) -> None:
    """Every visit has a nurse, and every event has taken."""
    assigned = Visit.objects.filter(market=market, status=Status.ASSIGNED.value).count()
    left = OutboxEvent.objects.filter(market=market, done_at__isnull=True).count()
    if assigned != VISITS or left:
        raise SeedError(f"{assigned} of {VISITS} visits have a nurse, {left} events did not take.")
