"""An event that cannot be delivered waits; it holds no other event up, however often it failed."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from dispatch.domain.events import EVENTS
from dispatch.models import Market, OutboxEvent, Visit
from dispatch.models.clock import database_now
from dispatch.outbox import deliver_next
from tests.builders import NOW, World, at
from workers import work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("attempts", [0, 46, 10_000])
def test_an_event_that_nobody_knows_is_put_off_and_the_next_is_delivered(attempts) -> None:
    world = World()
    world.shift(world.nurse("nina"))
    OutboxEvent.objects.create(
        market=world.market,
        name="NobodyKnows",
        payload={},
        occurred_at=NOW,
        available_at=database_now(),
        attempts=attempts,
    )
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    Market.objects.update(clock_offset=NOW - database_now())
    work.do_all()
    event = OutboxEvent.objects.get(name="NobodyKnows")
    assert (event.attempts, event.failed_with, event.done_at) == (attempts + 1, "KeyError", None)
    assert event.available_at > database_now()
    assert OutboxEvent.objects.filter(done_at__isnull=True).count() == 1
    assert Visit.objects.get(id=visit_id).status == "assigned"


def test_an_event_under_way_when_a_workers_time_is_up_has_not_failed() -> None:
    world = World()
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))

    def stop(**_: object) -> None:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        deliver_next(dict.fromkeys(EVENTS.values(), (stop,)))
    assert not OutboxEvent.objects.filter(attempts__gt=0).exists()
