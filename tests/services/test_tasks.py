"""What people have to do: opened once, seen by those it is for, ticked off once."""

import pytest

from dispatch import tasking
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.tasks import TaskKind
from dispatch.selectors.tasks import tasks_of
from dispatch.services.tasks import finish_task
from tests.builders import NOW, World

pytestmark = pytest.mark.django_db


def opened(world: World, kind: TaskKind, times: int = 1):
    about = new_id()
    for _ in range(times):
        tasking.open_task(kind, about, market_id=world.market.id, now=NOW)
    return about


def test_a_task_is_opened_once_and_again_after_it_was_done():
    world = World()
    about = opened(world, TaskKind.VISIT_SUSPENDED, times=2)
    (task,) = tasks_of(world.bob, done=False)
    finish_task(task.id, outcome="called", by=world.bob, now=NOW)
    assert not tasks_of(world.bob, done=False)
    tasking.open_task(TaskKind.VISIT_SUSPENDED, about, market_id=world.market.id, now=NOW)
    assert len(tasks_of(world.bob, done=False)) == 1
    assert len(tasks_of(world.bob, done=True)) == 1


def test_a_task_is_seen_by_its_role_in_its_market_and_by_nobody_else():
    world, elsewhere = World(), World("Boston")
    opened(world, TaskKind.REVIEW_SCREENING)
    (task,) = tasks_of(world.dora, done=False)
    for stranger in (world.bob, world.anna, elsewhere.dora):
        assert not tasks_of(stranger, done=False)
        with pytest.raises(NotFound):
            finish_task(task.id, outcome="done", by=stranger, now=NOW)


def test_what_ends_by_its_deed_is_not_ticked_off_and_nothing_is_done_twice():
    world = World()
    opened(world, TaskKind.REVIEW_SCREENING)
    opened(world, TaskKind.RED_FLAG)
    red_flag, review = sorted(tasks_of(world.dora, done=False), key=lambda task: task.kind)
    with pytest.raises(Conflict, match="when what it asks for"):
        finish_task(review.id, outcome="done", by=world.dora, now=NOW)
    finish_task(red_flag.id, outcome="spoke with them", by=world.dora, now=NOW)
    with pytest.raises(Conflict, match="done before"):
        finish_task(red_flag.id, outcome="again", by=world.dora, now=NOW)
