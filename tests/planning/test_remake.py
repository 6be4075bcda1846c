"""The rest of a series is laid with the fewest infusions moved: judged by trying every way."""

from itertools import combinations, pairwise
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.series import Continuity
from dispatch.domain.terms import Range
from dispatch.planning.insertion import Gaps
from dispatch.planning.remake import remake
from dispatch.planning.series import Calendar, Options, Terms
from tests.planning import worlds

DAY, WIDTH, LENGTH = 1000, 10, 12
NEAR = worlds.TableTravel(((5,) * 5,) * 5)
NINA, NORA = UUID(int=1), UUID(int=2)


def options(nina: set[int], nora: set[int]) -> Options:
    """Nina and Nora, each on shift on these days and free all of them."""
    shifts = [
        worlds.shift(
            number=who * 100 + day, start=day * DAY, end=day * DAY + 90, who=worlds.nurse(who)
        )
        for who, days in ((1, nina), (2, nora))
        for day in sorted(days)
    ]
    starts = np.arange(LENGTH) * DAY + 10
    calendar = Calendar(starts, np.arange(LENGTH), np.zeros(LENGTH, dtype=np.int64), LENGTH)
    gaps = Gaps.of(shifts, NEAR, 0)
    request = worlds.request(row=2, service=5, latest=LENGTH * DAY)
    return Options.of(gaps, request, calendar, WIDTH)


DAYS = st.sets(st.integers(0, LENGTH - 1))


@settings(max_examples=60, deadline=None)
@given(
    nina=DAYS.filter(bool), nora=DAYS.filter(bool),
    kept=st.sets(st.integers(0, LENGTH - 1), max_size=4),
    lost=st.sets(st.integers(0, LENGTH - 1), max_size=2), more=st.integers(0, 2),
    before=st.none() | st.integers(-4, 1), only=st.booleans(),
)  # fmt: skip
def test_no_way_there_is_moves_fewer_or_brings_the_nurse_more_often(
    nina, nora, kept, lost, more, before, only
) -> None:
    lost -= kept
    count = max(1, len(kept) + more)
    terms = Terms(
        count, Range(2, 3, 4), 0, LENGTH, NINA,
        Continuity.ONE_NURSE if only else Continuity.WITH_BACKUP, before,
    )  # fmt: skip
    found = remake(options(nina, nora), terms, kept, lost=lost)
    able = kept | ((nina if only else nina | nora) - lost)
    ways = [
        (sum(day not in kept for day in days), sum(day not in kept | nina for day in days))
        for days in combinations(sorted(able), count)
        if all(2 <= later - day <= 4 for day, later in pairwise(days))
        and (before is None or 2 <= days[0] - before <= 4)
    ]
    if found is None:
        assert not ways
        return
    days = [day for day, _ in found]
    assert all(2 <= later - day <= 4 for day, later in pairwise(days))
    assert {day for day, pick in found if pick is None} == set(days) & kept
    assert not set(days) & lost
    picks = [pick for _, pick in found if pick is not None]
    assert all(pick.day in (nina if pick.nurse == NINA else nora) for pick in picks)
    assert (len(picks), sum(pick.nurse != NINA for pick in picks)) == min(ways)
