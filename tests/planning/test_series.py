"""A series is found where there is one, and it is the best: judged by trying every way there is.

A day of these worlds is 1000 seconds long; nobody but the calendar knows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import pairwise, product
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.series import Continuity
from dispatch.domain.terms import Range
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Stop
from dispatch.planning.series import Calendar, Options, Plan, Terms, alternatives, find
from tests.planning import oracle, worlds

DAY, WIDTH = 1000, 10
NEAR = worlds.TableTravel(((5,) * 5,) * 5)
ONE, BACKUP, ANY = Continuity


@dataclass(frozen=True)
class Place:
    """What one nurse can do on one day at best."""

    missed: int
    detour: int


@st.composite
def worlds_of_days(draw):
    """Up to three nurses over eight days, on shift on every second, with a visit here and there;
    the bookable starts, two a day; and an ask. Drawn evenly: what is rare is to come up, too."""
    dice = random.Random(draw(st.integers(0, 2**32)))
    calendar = _calendar(dice)
    people = [worlds.nurse(1), worlds.nurse(2), draw(worlds.nurses(3))]
    shifts = [
        _shift(dice, who, number, day)
        for number, who in enumerate(people[: dice.choice((2, 3, 3))], 1)
        for day in range(8)
        if dice.random() < dice.choice((0.4, 0.6))
    ]
    taken = [dice.randrange(8) * DAY for _ in range(dice.choice((0, 0, 1, 2)))]
    request = replace(
        worlds.request(row=2, service=dice.choice((0, 5, 5, 30)), latest=9 * DAY),
        busy=tuple((begin, begin + 30) for begin in taken),
    )
    return tuple(shifts), request, calendar, draw(worlds.tables), _terms(dice)


def _shift(dice, who, number, day):
    begin = day * DAY
    at = begin + dice.randrange(60)
    stop = worlds.stop(number * 10 + day, row=dice.randrange(5), earliest=at, latest=at + 20,
                       service=10, start=at)  # fmt: skip
    shift = worlds.shift(
        *[stop] * (dice.random() < 0.4),
        number=number * 10 + day,
        start=begin,
        end=begin + dice.choice((60, 90, 120)),
        who=who,
    )
    return replace(shift, home=worlds.at(dice.randrange(5)))


def _calendar(dice):
    length = dice.choice((1, 7, 8, 8, 8))
    days = np.repeat(np.arange(length), 2)
    starts = days * DAY + np.tile([10, 40], length)
    missed = np.array([dice.choice((0, 0, 1, 2)) for _ in days])
    return Calendar(starts, days, missed, length)


def _terms(dice):
    least, usual, most = sorted((dice.choice((1, 1, 2)), *dice.choices((1, 2, 3, 4), k=2)))
    return Terms(
        count=dice.choice((1, 3, 4, 4, 5)),
        gap=Range(least, usual, most),
        first=dice.choice((0, 0, 1)),
        first_until=dice.choice((1, 3, 4, 5)),
        nurse=dice.choice((None, None, UUID(int=1))),
        continuity=dice.choice((ONE, BACKUP, BACKUP, ANY, ANY)),
    )


def places(shifts, request, calendar, travel) -> dict[tuple[UUID, int], Place]:
    """By nurse and day the least of what the calendar offers, each start driven by hand."""
    best: dict[tuple[UUID, int], Place] = {}
    for start, day, missed in zip(
        calendar.starts.tolist(), calendar.days.tolist(), calendar.missed.tolist(), strict=True
    ):
        until = start + WIDTH + request.service
        if any(start < end and begin < until for begin, end in request.busy):
            continue
        stop = Stop(UUID(int=0), request.point, start, start + WIDTH, request.service, start)
        for shift in shifts:
            for detour, *_ in oracle.insertions(shift, request, stop, travel.seconds, 0):
                key, found = (shift.nurse.id, day), Place(missed, max(0, detour))
                best[key] = min(best.get(key, found), found, key=lambda p: (p.missed, p.detour))
    return best


def orders_of_days(terms: Terms, length: int):
    """Every way to lay the infusions on days."""
    for days in product(range(length), repeat=terms.count):
        gaps = [later - day for day, later in pairwise(days)]
        if terms.first <= days[0] < terms.first_until and all(
            terms.gap.min <= gap <= terms.gap.max for gap in gaps
        ):
            yield days, days[0] + sum(abs(gap - terms.gap.target) for gap in gaps)


def worth(main: UUID, given: list[tuple[UUID, int]], off: int, best) -> tuple[int, ...]:
    """How good a plan is, least first: nurses (three or more are alike), then the rest."""
    nurses = {main, *(nurse for nurse, _ in given)}
    return (
        min(len(nurses), 3),
        sum(nurse != main for nurse, _ in given),
        sum(best[one].missed for one in given),
        off,
        sum(best[one].detour for one in given),
    )


def best_by_trying(shifts, best, terms: Terms, length: int) -> tuple[int, ...] | None:
    most = {ONE: 1, BACKUP: 2, ANY: 3}[terms.continuity]
    people = sorted({shift.nurse.id for shift in shifts})
    found = []
    for days, off in orders_of_days(terms, length):
        able = [[nurse for nurse in people if (nurse, day) in best] for day in days]
        for nurses in product(*able):
            given = list(zip(nurses, days, strict=True))
            for main in {terms.nurse} & set(nurses) if terms.nurse else set(nurses):
                value = worth(main, given, off, best)
                if value[0] <= most:
                    found.append(value)
    return min(found, default=None)


def worth_of(plan: Plan, terms: Terms, best) -> tuple[int, ...]:
    days = [pick.day for pick in plan.picks]
    off = days[0] + sum(abs(b - a - terms.gap.target) for a, b in pairwise(days))
    return worth(plan.main, [(pick.nurse, pick.day) for pick in plan.picks], off, best)


@settings(max_examples=600, deadline=None)
@given(worlds_of_days())
def test_the_best_of_all_ways_is_found_and_none_where_there_is_none(world):
    shifts, request, calendar, travel, terms = world
    options = Options.of(Gaps.of(shifts, travel, 0), request, calendar, WIDTH)
    best = places(shifts, request, calendar, travel)
    plan = find(options, terms)
    expected = best_by_trying(shifts, best, terms, calendar.length)
    assert (plan and worth_of(plan, terms, best)) == expected


@settings(max_examples=200, deadline=None)
@given(worlds_of_days())
def test_what_is_found_keeps_the_terms_and_can_be_served(world):
    shifts, request, calendar, travel, terms = world
    options = Options.of(Gaps.of(shifts, travel, 0), request, calendar, WIDTH)
    limits = replace(terms, count=1, gap=Range(1, 1, 7), first_until=8, nurse=None, continuity=ANY)
    plan = find(options, terms)
    kept = [(terms, plan)] if plan else []
    kept += [(one.terms, one.plan) for one in alternatives(options, terms, limits)]
    for agreed, one in kept:
        assert_kept(agreed, one)
        assert_served(one, shifts, request, calendar, travel)


def assert_kept(terms: Terms, plan: Plan) -> None:
    days = [pick.day for pick in plan.picks]
    assert len(days) == terms.count
    assert terms.first <= days[0] < terms.first_until
    gaps = [later - day for day, later in pairwise(days)]
    assert all(terms.gap.min <= gap <= terms.gap.max for gap in gaps)
    nurses = {pick.nurse for pick in plan.picks}
    assert plan.main in nurses
    assert terms.nurse in {None, plan.main}
    assert len(nurses) <= {ONE: 1, BACKUP: 2, ANY: terms.count}[terms.continuity]


def assert_served(plan, shifts, request, calendar, travel) -> None:
    by_id = {shift.id: shift for shift in shifts}
    days = dict(zip(calendar.starts.tolist(), calendar.days.tolist(), strict=True))
    for pick in plan.picks:
        shift, at = by_id[pick.shift], pick.start
        assert (shift.nurse.id, days[at]) == (pick.nurse, pick.day)
        stop = Stop(UUID(int=0), request.point, at, at + WIDTH, request.service, at)
        ways = oracle.insertions(shift, request, stop, travel.seconds, 0)
        assert pick.detour_s in {max(0, detour) for detour, *_ in ways}


def works(number: int, *days: int):
    """A nurse who is on shift on these days."""
    who = worlds.nurse(number)
    return [
        worlds.shift(number=number * 100 + day, start=day * DAY, end=day * DAY + 90, who=who)
        for day in days
    ]


def options_of(*shifts, missed=(), length=20) -> Options:
    starts = np.array([day * DAY + 10 for day in range(length)])
    off = np.array([int(day in missed) for day in range(length)])
    calendar = Calendar(starts, np.arange(length), off, length)
    return Options.of(Gaps.of(shifts, NEAR, 0), worlds.request(latest=99 * DAY), calendar, WIDTH)


def six(**changes) -> Terms:
    return replace(Terms(6, Range(2, 3, 4), 0, 5, None, ONE), **changes)


EVERY_DAY = tuple(range(20))


@pytest.mark.parametrize(("gap", "there"), [(4, True), (5, False)])
def test_the_greatest_gap_binds_on_the_day_and_not_before(gap, there):
    days = (0, 3, 6, 9, 12, 12 + gap)
    plan = find(options_of(*works(1, *days)), six())
    assert (plan and tuple(pick.day for pick in plan.picks)) == (days if there else None)


@pytest.mark.parametrize(("gap", "there"), [(2, True), (1, False)])
def test_the_least_gap_binds_on_the_day_and_not_before(gap, there):
    days = (0, 3, 6, 9, 12, 12 + gap)
    assert bool(find(options_of(*works(1, *days)), six())) is there


def test_one_nurse_who_can_comes_before_two_who_suit_better():
    nina, nora = works(1, *range(0, 20, 2)), works(2, *range(3, 20, 3))
    plan = find(options_of(*nina, *nora, missed=range(4, 20, 4)), six(continuity=ANY))
    assert {pick.nurse for pick in plan.picks} == {UUID(int=1)}


def test_a_backup_who_is_needed_once_comes_before_one_who_suits_better_twice():
    nina, nora = works(1, 0, 3, 6, 9, 12), works(2, 15)
    mary, nell = works(3, 0, 9, 12, 15), works(4, 2, 6)
    plan = find(options_of(*nina, *nora, *mary, *nell, missed=(3,)), six(continuity=BACKUP))
    assert (plan.main, plan.with_main) == (UUID(int=1), 5)


def test_a_preferred_weekday_comes_before_the_usual_gap():
    plan = find(options_of(*works(1, *EVERY_DAY), missed=(3,)), six())
    assert 3 not in [pick.day for pick in plan.picks]


def test_what_suits_begins_at_once_and_keeps_the_usual_gaps():
    plan = find(options_of(*works(1, *EVERY_DAY)), six())
    assert [pick.day for pick in plan.picks] == [0, 3, 6, 9, 12, 15]


def test_five_of_six_with_the_nurse_who_was_asked_for():
    nina, nora = works(1, 0, 3, 6, 9, 12), works(2, 14, 15, 16)
    asked = six(nurse=UUID(int=1))
    assert find(options_of(*nina, *nora), asked) is None
    first, *_ = alternatives(options_of(*nina, *nora), asked, six(first_until=9))
    assert (first.change, first.plan.with_main, len(first.plan.picks)) == ("with_backup", 5, 6)


def test_from_a_later_day_on():
    (found,) = alternatives(options_of(*works(1, *range(5, 20))), six(), six(first_until=9))
    assert (found.change, found.plan.picks[0].day) == ("later_start", 5)


def test_fewer_infusions_are_not_fewer_than_the_treatment_bears():
    options = options_of(*works(1, 0, 3, 6, 9))
    assert alternatives(options, six(), six(count=5)) == ()
    (found,) = alternatives(options, six(), six(count=4))
    assert (found.change, len(found.plan.picks)) == ("fewer", 4)


def test_where_no_single_change_helps_the_limits_are_tried_together():
    shifts = [s for number, day in enumerate(range(6, 20, 2), 1) for s in works(number, day)]
    limits = six(first_until=9, continuity=ANY)
    (found,) = alternatives(options_of(*shifts), six(), limits)
    assert (found.change, len(found.plan.picks)) == ("anyhow", 6)


def test_on_a_day_on_which_the_patient_is_busy_nobody_comes():
    busy = replace(worlds.request(latest=99 * DAY), busy=((3 * DAY, 3 * DAY + 500),))
    starts = np.array([day * DAY + 10 for day in range(20)])
    calendar = Calendar(starts, np.arange(20), np.zeros(20, dtype=int), 20)
    options = Options.of(Gaps.of(works(1, *EVERY_DAY), NEAR, 0), busy, calendar, WIDTH)
    assert 3 not in [pick.day for pick in find(options, six()).picks]
