"""Whole days improved, and days that cannot be kept mended: proposals as differences, ranked.

What matters in a repair, in this order: nobody unserved, fewest patients told of a new nurse,
fewest told of another time, least driving.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from dispatch.planning import explain
from dispatch.planning.day.problem import Limits, Solution, Watch
from dispatch.planning.day.solve import solve, valued
from dispatch.planning.draft import Draft, Weights, Wish, draft, kept, undisturbed, weighed
from dispatch.planning.outcome import Outcome, driving, outcome
from dispatch.planning.problem import Shift, Travel
from dispatch.planning.rules import in_the_way
from dispatch.planning.supervision import Attention
from dispatch.planning.watching import watched

PLAN = Weights(swapped=300, moved=300)
"""A plan may change what nobody has been told, but not for a minute's drive."""

FIRST = Weights(told=100_000, swapped=2_000, stranger=0)
"""Whom to serve and with how few new nurses, whatever the hour: the solver is quickest where a
start costs nothing."""

THEN = (replace(FIRST, moved=10_000), Weights(told=20_000))
"""From there: fewest other times; least driving."""

CALM = Weights(moved=300)
"""Only those whose nurse is away get another: it may leave some of them without."""

FIRST_SHARE, THEN_SHARE, CALM_SHARE = 0.45, 0.1, 0.06
"""Of the time; the rest is for drafts, reasons and the solver's last rounds."""

WORTH_S = 900
"""A day on which nothing is broken is only changed where that saves so much driving."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be done, and why not more: for each visit left without a nurse, how many shifts
    fall to which rule. ``cost`` and ``lower_bound`` are the solver's, see ``Solution``;
    ``travel_before_s`` is the driving of the same routes as they stand."""

    outcome: Outcome
    reasons: Mapping[UUID, Mapping[str, int]]
    travel_before_s: int
    cost: int
    lower_bound: int | None

    @property
    def rank(self) -> tuple[int, int, int, int]:
        one = self.outcome
        return (len(one.unserved), one.told, one.moved, one.travel_s)


def plan(
    shifts: Sequence[Shift],
    wishes: Sequence[Wish],
    travel: Travel,
    now: int,
    limits: Limits,
    watch: Watch,
    attention: Attention | None = None,
) -> Proposal:
    """The day planned anew around what its patients know; never worse than the routes in force.

    Who was told a nurse keeps her. A route that is broken is left as it is: that is a repair.
    """
    pinned = [replace(one, pinned=one.pinned or one.told) for one in wishes]
    whole = draft(shifts, pinned, travel, now, PLAN)
    lost = {whole.wishes[at].id for at in whole.lost}
    sound = [one for one in shifts if not any(stop.id in lost for stop in one.stops)]
    away = {stop.id for one in shifts if one not in sound for stop in one.stops}
    made = draft(sound, [one for one in pinned if one.id not in away], travel, now, PLAN)
    found = solve(made.problem, limits, start=made.current, watch=watch)
    standing = {visit for route in made.current for visit in route}
    if standing & set(found.unserved):
        found = valued(made.problem, made.current)
    return _proposal(made, sound, watched(made, found, attention), travel, now)


def repair(
    shifts: Sequence[Shift],
    wishes: Sequence[Wish],
    travel: Travel,
    now: int,
    limits: Limits,
    watch: Watch,
    attention: Attention | None = None,
) -> tuple[Proposal, ...]:
    """Up to three ways to serve again what stands on routes that cannot be kept, best first.

    What has been promised and has no nurse is served too, where it can be. Where nothing is
    broken: ways that save ``WORTH_S`` and of which nobody need be told, if there are any.
    """
    asked = [one for one in wishes if one.promised]
    made = draft(shifts, asked, travel, now, FIRST)
    within = _share(limits, FIRST_SHARE)
    first = solve(made.problem, within, start=made.current, watch=watch)
    drafts = [(weighed(made, weights), first.routes, THEN_SHARE) for weights in THEN]
    drafts += [(undisturbed(weighed(made, CALM)), made.current, CALM_SHARE)]
    found = []
    for again, routes, share in drafts:
        best = solve(again.problem, _share(limits, share), start=routes, watch=watch)
        found.append(_proposal(again, shifts, watched(again, best, attention), travel, now))
    placed = {stop.id for one in shifts for stop in kept(one, travel, now).stops}
    if all(one.id in placed for one in asked):
        found = [one for one in found if _worth_it(one)]
    distinct = {_key(one): one for one in sorted(found, key=lambda one: one.rank, reverse=True)}
    return tuple(sorted(distinct.values(), key=lambda one: one.rank))


def _share(limits: Limits, share: float) -> Limits:
    return replace(limits, seconds=None if limits.seconds is None else limits.seconds * share)


def _worth_it(proposal: Proposal) -> bool:
    saved = proposal.travel_before_s - proposal.outcome.travel_s
    return saved >= WORTH_S and proposal.rank[:3] == (0, 0, 0)


def _key(proposal: Proposal) -> tuple[tuple[UUID, tuple[UUID, ...]], ...]:
    return tuple(sorted(proposal.outcome.orders.items()))


def _proposal(
    made: Draft, shifts: Sequence[Shift], found: Solution, travel: Travel, now: int
) -> Proposal:
    done = outcome(made, shifts, found.routes, travel, now)
    return Proposal(
        done,
        dict(_reasons(made, done, travel, now)),
        driving(shifts, travel),
        found.cost,
        found.lower_bound,
    )


def _reasons(
    made: Draft, done: Outcome, travel: Travel, now: int
) -> Iterator[tuple[UUID, Mapping[str, int]]]:
    """Which rule stands first in the way of those left out, and on how many shifts of the day."""
    left = set(done.unserved)
    for wish in made.wishes:
        if wish.id in left and wish.windows:
            found = explain.open_candidates(
                wish.request,
                [one.earliest for one in wish.windows],
                wish.windows[0].latest - wish.windows[0].earliest,
                _about(done.shifts, wish),
                travel,
                now,
            )
            first = [one.breaches[0].rule if one.breaches else None for one in found]
            yield wish.id, in_the_way(first)


def _about(shifts: Sequence[Shift], wish: Wish) -> list[Shift]:
    begin, end = wish.windows[0].earliest, wish.windows[-1].latest + wish.request.service
    return [one for one in shifts if one.start < end and begin < one.end]
