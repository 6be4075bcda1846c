"""A patient is in one visit at a time, wherever inside their windows visits are re-timed."""

from dataclasses import replace

import pytest

from dispatch.planning import rules
from dispatch.planning.explain import candidates
from dispatch.planning.insertion import Gaps
from dispatch.planning.slots import offers
from tests.planning import worlds

NEAR = worlds.TableTravel(((10,) * 5,) * 5)


@pytest.mark.parametrize(
    ("busy", "seconds"),
    [((0, 100), 0), ((0, 101), 1), ((310, 400), 0), ((309, 400), 1), ((150, 160), 10)],
    ids=["just before", "one second in", "just after", "one second from the end", "inside"],
)
def test_a_patient_has_one_visit_at_a_time(busy, seconds):
    """From the window's beginning at 100 to the latest end, 200 + 110."""
    request = replace(worlds.request(earliest=100, latest=200, service=110), busy=(busy,))
    assert [breach.amount for breach in rules.patient_is_free(request)] == [seconds] * bool(seconds)


def test_a_taken_patient_is_offered_no_window_that_touches_the_other_visit():
    request = worlds.request(earliest=0, latest=900, service=50)
    gaps = Gaps.of([worlds.shift(end=2000)], NEAR, 0)
    taken = replace(request, busy=((300, 400),))
    free = {offer.start for offer in offers(gaps, request, range(0, 900, 50), 10)}
    left = {offer.start for offer in offers(gaps, taken, range(0, 900, 50), 10)}
    assert free - left == {250, 300, 350}
    assert not gaps.places(replace(taken, earliest=251, latest=251))
    (answer,) = candidates(replace(taken, earliest=251, latest=251), gaps.shifts, NEAR, 0)
    assert [breach.rule for breach in answer.breaches] == ["patient_is_free"]
