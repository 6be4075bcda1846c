"""What is shown of a proposal is of the plan that is proposed."""

from dispatch.planning.day.problem import Limits
from dispatch.planning.repair import plan, repair
from dispatch.planning.supervision import Attention
from tests.planning.worlds import drives, shift, stop, wish_for

LIMITS = Limits(iterations=20)


def never(_progress) -> bool:
    return False


def test_where_nobody_else_is_on_shift_the_reason_says_so() -> None:
    only = stop(100, 1, 0, 100)
    away = shift(only, number=1, end=0)
    (best,) = repair((away,), [wish_for(only, told=True)], drives(), 0, LIMITS, never)
    assert best.reasons == {only.id: {"nobody_on_shift": 1}}
    assert [(one.after, one.tell) for one in best.outcome.moves] == [(None, ("nurse",))]


def crowded():
    """One nurse with a long visit, in whose stead she could do two that nobody has."""
    standing = stop(100, 1, 0, 5, service=100, start=5)
    waiting = [stop(number, number - 100, 0, 40) for number in (101, 102)]
    return shift(standing, end=150), [wish_for(standing), *map(wish_for, waiting)]


def test_the_cost_of_a_plan_that_leaves_all_as_it_is_is_its_own() -> None:
    hers, wishes = crowded()
    found = plan((hers,), wishes, drives(), 0, LIMITS, never)
    assert found.outcome.unserved == tuple(one.id for one in wishes[1:])
    assert (found.outcome.travel_s, found.cost, found.lower_bound) == (10, 10, None)


def test_the_cost_of_a_plan_is_without_what_nobody_can_watch() -> None:
    _, wishes = crowded()
    nobody = Attention((), {})
    found = plan((shift(),), wishes[1:], drives(), 0, LIMITS, never, nobody)
    assert len(found.outcome.unserved) == 2
    assert (found.outcome.travel_s, found.cost, found.lower_bound) == (0, 0, None)
