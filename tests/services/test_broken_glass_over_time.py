"""Whatever was opened, for however long, and closed whenever: it opens exactly while it should."""

from datetime import timedelta
from uuid import UUID

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


def in_order(given_out) -> list[tuple[int, bool, int, int]]:
    """Breakings and closings as (minute, whether it closes, which grant, for so long)."""
    steps = []
    for turn, (opened, lasts, closed) in enumerate(given_out):
        steps.append((opened, False, turn, lasts))
        if closed is not None:
            steps.append((opened + closed, True, turn, lasts))
    return sorted(steps)


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
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(grants, st.lists(st.integers(0, MINUTES), min_size=1, max_size=8))
def test_it_is_open_from_the_breaking_to_the_end_and_not_a_minute_longer(
    world: World, given_out, looks
) -> None:
    """The oracle keeps the minutes of each grant; one that stands is given out again."""
    grants: dict[UUID, range] = {}
    of_turn: dict[int, UUID] = {}
    with transaction.atomic():
        for minute, closes, turn, lasts in in_order(given_out):
            moment = NOW + timedelta(minutes=minute)
            if closes:
                end_broken_glass(of_turn[turn], by=world.bob, now=moment)
                ended = grants[of_turn[turn]]
                grants[of_turn[turn]] = range(ended.start, min(ended.stop, minute))
                continue
            standing = [one for one, minutes in grants.items() if minute in minutes]
            of_turn[turn] = break_glass(
                world.alice.person_id, reason="Found at the door", by=world.bob,
                lasts=timedelta(minutes=lasts), now=moment,
            )  # fmt: skip
            assert [of_turn[turn]] == standing if standing else of_turn[turn] not in grants
            grants.setdefault(of_turn[turn], range(minute, minute + lasts))
        open_in = {minute for grant in grants.values() for minute in grant}
        for minute in looks:
            moment = NOW + timedelta(minutes=minute)
            found = broken_glass(world.bob, world.alice.person_id, moment)
            assert found is (minute in open_in), minute
            assert not broken_glass(world.dora, world.alice.person_id, moment)
        transaction.set_rollback(True)
