"""A visit in five days, workers whose clock is set, and what they have sent of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.domain.gates import CompanionAnswer
from dispatch.models import (
    Companion,
    CompanionRequest,
    Market,
    Message,
    MessageAttempt,
    Task,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.services.companions import answer_as_companion, name_companion
from tests.builders import NOW, TOMORROW, World, at
from workers import work

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SERVED = TOMORROW + 4 * DAY
START = at(10, day=SERVED)


def world_of_nina() -> World:
    """Nina works on the day."""
    world = World()
    world.nina = world.nurse("nina")
    world.shift(world.nina, SERVED)
    return world


def run_workers(now: datetime) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def booked(
    world: World, companion: Companion | None = None, start: datetime = START, now: datetime = NOW
) -> Visit:
    run_workers(now)
    visit_id = world.book(world.home(world.alice), world.alice, start, companion=companion, now=now)
    run_workers(now)
    return Visit.objects.get(id=visit_id)


def sent(visit: Visit, audience: str = "patient", state: str = "sent") -> list[str]:
    rows = Message.objects.filter(visit=visit, audience=audience, state=state)
    return list(rows.order_by("sent_at", "id").values_list("template", flat=True))


def to_do(visit: Visit) -> set[str]:
    tasks = Task.objects.filter(visit=visit, done_at__isnull=True)
    return set(tasks.values_list("kind", flat=True))


def answer(visit: Visit, said: CompanionAnswer, now: datetime) -> None:
    asked = CompanionRequest.objects.get(visit=visit, replaced_at__isnull=True)
    answer_as_companion(asked.secret, said, now=now)
    run_workers(now)


def name(world: World, visit: Visit, companion: Companion, now: datetime) -> None:
    name_companion(visit.id, companion.id, expected_version=None, by=world.alice, now=now)
    run_workers(now)


def pass_hours(*hours_before: int) -> None:
    for hours in hours_before:
        run_workers(START - hours * HOUR)


def bodies(visit: Visit, template: str) -> list[str]:
    tries = MessageAttempt.objects.filter(message__visit=visit, message__template=template)
    return [one.body for one in tries]


def lose_answer(visit: Visit, template: str, outcome: str = "ReadTimeout") -> None:
    """As if the provider's answer to what was sent last by this rule had never come back."""
    last = Message.objects.filter(visit=visit, template=template).latest("id")
    last.tries.update(outcome=outcome, provider_id="")
    later = database_now() + DAY
    Message.objects.filter(id=last.id).update(state="due", sent_at=None, retry_at=later)
