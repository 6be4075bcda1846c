"""A provider is down while real workers have messages for it: they let it rest, and lose none."""

import pytest

from dispatch.models import CarrierLine, Message, MessageAttempt
from tests.builders import NOW, World
from tests.databases import Clone
from tests.due_visits import make_visits
from tests.fakes import ADDRESS, running_provider
from tests.faults.running import (
    START_S,
    set_clock,
    start_worker,
    within,
    without_looks_at_all_visits,
)
from tests.launching import Launcher

pytestmark = pytest.mark.journey

MESSAGES = 60
CALLED_AT_ONCE = 16


def test_a_provider_that_is_down_is_hardly_called_and_gets_everything_once_it_is_back(
    fresh_database: Clone, launch: Launcher, services_env: dict[str, str]
) -> None:
    world = World()
    set_clock(world.market, NOW)
    without_looks_at_all_visits()
    messages = make_visits(world, MESSAGES, due_at=NOW)
    with running_provider() as (service, url):
        takes, service.take = service.take, lambda *_: (503, {"name": "down"})
        start_worker(
            launch, services_env, **{"TEXTS_GATEWAY": "tests.fakes.HttpTexts", ADDRESS: url}
        )
        within(START_S + 20, lambda: CarrierLine.objects.filter(failures__gte=5).exists())
        calls = MessageAttempt.objects.count()
        within(START_S, lambda: MessageAttempt.objects.count() > calls)
        assert MessageAttempt.objects.count() <= MESSAGES + CALLED_AT_ONCE

        service.take = takes
        within(60, lambda: not Message.objects.filter(state="due").exists())
        assert len(service.sent) == MESSAGES
        assert set(service.answers) == {str(one) for one in messages.values()}
    assert CarrierLine.objects.get().failures == 0
