"""Whatever was opened, for however long, and closed whenever: it opens exactly while it should."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.selectors.access import broken_glass
from dispatch.services.break_glass import break_glass, end_broken_glass
from tests.builders import NOW, World

MINUTES = 150
grants = st.lists(
    st.tuples(
        st.integers(0, 90),  # opened, in minutes
        st.integers(1, 60),  # for so long
        st.none() | st.integers(0, 70),  # closed so long after
    ),
    max_size=3,
)


@pytest.fixture
def world(db) -> World:
    """Its people are there before the examples, each of which is taken back."""
    world = World()
    assert world.alice
    assert world.bob
    assert world.dora
    return world


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(grants, st.lists(st.integers(0, MINUTES), min_size=1, max_size=8))
def test_it_is_open_from_the_breaking_to_the_end_and_not_a_minute_longer(
    world: World, given_out, looks
) -> None:
    """The oracle counts minutes one by one."""
    open_in = set()
    with transaction.atomic():
        for opened, lasts, closed in given_out:
            glass = break_glass(
                world.alice.person_id, reason="Found at the door", by=world.bob,
                lasts=timedelta(minutes=lasts), now=NOW + timedelta(minutes=opened),
            )  # fmt: skip
            if closed is not None:
                moment = NOW + timedelta(minutes=opened + closed)
                end_broken_glass(glass, by=world.bob, now=moment)
            for minute in range(opened, opened + lasts):
                if closed is None or minute < opened + closed:
                    open_in.add(minute)
        for minute in looks:
            moment = NOW + timedelta(minutes=minute)
            found = broken_glass(world.bob, world.alice.person_id, moment)
            assert found is (minute in open_in), minute
            assert not broken_glass(world.dora, world.alice.person_id, moment)
        transaction.set_rollback(True)
