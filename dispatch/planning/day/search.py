"""Slack induction by string removals: take neighbouring strings of stops out of their routes, put
them back greedily, keep what is better or, while it is warm, a little worse.

J. Christiaens, G. Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing
Problems", Transportation Science 54 (2020).
"""

from __future__ import annotations

import numpy as np

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays
from dispatch.planning.day.driving import price, unfairness
from dispatch.planning.day.pool import Pool, remember
from dispatch.planning.day.tours import Tours, begin_from, copy, refresh
from dispatch.planning.day.workshop import ABSENT, BEST, NOW, ROUNDS, TOUCHED, Workshop, draw

REMOVED = 10  # mean number of visits taken out at once
LONGEST = 10  # stops in a removed string, at most
NEIGHBOURS = 60  # how far from a visit strings are removed
BLINK = 0.01  # share of places that are overlooked when putting back
SPLIT = 0.5  # share of strings that keep stops in their midst
NOWHERE = 1e18


@compiled
def _touch(t: Tours, w: Workshop, shift: int) -> None:
    """Remember a route as it is before this round first changes it."""
    if w.mark[shift] == w.tally[ROUNDS]:
        return
    w.mark[shift] = w.tally[ROUNDS]
    w.touched[w.tally[TOUCHED]] = shift
    w.tally[TOUCHED] += 1
    w.old_count[shift], w.old_cost[shift] = t.length[shift], t.cost[shift]
    w.old_hours[shift] = t.hours[shift]
    for i in range(t.length[shift]):
        w.old_stop[shift, i] = t.stop[shift, i]


@compiled
def _ruin(a: Arrays, t: Tours, w: Workshop) -> None:
    served, used = 0, 0
    for shift in range(len(t.length)):
        served += t.length[shift]
        used += t.length[shift] > 0
    if served == 0:
        return
    longest = min(float(LONGEST), served / used)
    strings = int(draw(w.random) * (4.0 * REMOVED / (1.0 + longest) - 1.0) + 1.0)
    seed = int(draw(w.random) * len(a.place))
    for each in range(min(NEIGHBOURS, w.near.shape[1])):
        visit = w.near[seed, each]
        shift = t.shift_of[visit]
        if shift < 0 or w.ruined[shift] == w.tally[ROUNDS]:
            continue
        w.ruined[shift] = w.tally[ROUNDS]
        _touch(t, w, shift)
        size = int(draw(w.random) * min(float(t.length[shift]), longest) + 1.0)
        _take_string(t, w, shift, visit, min(size, t.length[shift]))
        refresh(a, t, shift)
        strings -= 1
        if strings <= 0:
            break


@compiled
def _take_string(t: Tours, w: Workshop, shift: int, visit: int, size: int) -> None:
    """Take ``size`` stops out of a route, the visit among them; some in their midst may stay."""
    count = t.length[shift]
    at = 0
    while t.stop[shift, at] != visit:
        at += 1
    kept = 0
    if size > 1 and draw(w.random) < SPLIT:
        while size + kept < count and draw(w.random) > BLINK:
            kept += 1
    span = size + kept
    low, high = max(0, at - span + 1), min(at, count - span)
    begin = low + int(draw(w.random) * (high - low + 1))
    stay_from = begin + 1 + int(draw(w.random) * max(1, size - 1)) if kept else begin + span
    to = begin
    for i in range(begin, count):
        one = t.stop[shift, i]
        inside = i < begin + span and not stay_from <= i < stay_from + kept
        if inside:
            t.shift_of[one] = -1
            w.absent[w.tally[ABSENT]] = one
            w.tally[ABSENT] += 1
        else:
            t.stop[shift, to] = one
            to += 1
    t.length[shift] = to


@compiled
def _order(a: Arrays, w: Workshop) -> None:
    """Sort the absent by one of several keys, drawn anew each round; the least comes first."""
    kind = draw(w.random)
    absent = w.tally[ABSENT]
    for i in range(absent):
        visit = w.absent[i]
        low, high = a.pair_at[visit], a.pair_at[visit + 1]
        if kind < 0.30:
            w.key[i] = draw(w.random)
        elif kind < 0.50:
            w.key[i] = -float(a.service[visit])
        elif kind < 0.65:
            w.key[i] = float(high - low)
        elif kind < 0.75:
            w.key[i] = -float(a.travel[a.place[visit], a.start[0]])
        elif kind < 0.85 and high > low:
            w.key[i] = float(a.pair_first[low])
        elif high > low:
            w.key[i] = -float(a.pair_last[high - 1])
        else:
            w.key[i] = 0.0
    for i in range(1, absent):
        visit, key = w.absent[i], w.key[i]
        j = i
        while j > 0 and w.key[j - 1] > key:
            w.absent[j], w.key[j] = w.absent[j - 1], w.key[j - 1]
            j -= 1
        w.absent[j], w.key[j] = visit, key


@compiled
def _best_gap(a: Arrays, t: Tours, w: Workshop, visit: int) -> tuple[int, int]:
    """The cheapest place for a visit by slack alone: shift and position, or -1."""
    best, best_shift, best_position = NOWHERE, -1, -1
    there, service = a.place[visit], a.service[visit]
    for pair in range(a.pair_at[visit], a.pair_at[visit + 1]):
        shift = a.pair_shift[pair]
        count, last = t.length[shift], a.pair_last[pair]
        if count >= a.most_visits[shift]:
            continue
        ready, here = a.opens[shift], a.start[shift]
        for position in range(count + 1):
            if position > 0:
                ready = t.ready[shift, position - 1]
                here = a.place[t.stop[shift, position - 1]]
                if ready > last:
                    break
            to = a.travel[here, there]
            begin = begin_from(a, pair, visit, ready + to)
            if begin > last:
                continue
            after, bound = a.end[shift], a.closes[shift]
            if position < count:
                after = a.place[t.stop[shift, position]]
                bound = t.latest[shift, position]
            on = a.travel[there, after]
            if begin + service + on > bound:
                continue
            cost = float(to + on + a.pair_cost[pair])
            if count > 0:
                cost -= a.travel[here, after]
            if cost < best and draw(w.random) >= BLINK:
                best, best_shift, best_position = cost, shift, position
    return best_shift, best_position


@compiled
def _best_drive(a: Arrays, t: Tours, w: Workshop, visit: int) -> tuple[int, int]:
    """The same where a route must be driven to know what it costs."""
    best, best_shift, best_position = NOWHERE, -1, -1
    for pair in range(a.pair_at[visit], a.pair_at[visit + 1]):
        shift = a.pair_shift[pair]
        nurse, count = a.nurse[shift], t.length[shift]
        if count >= a.most_visits[shift] or count >= t.stop.shape[1]:
            continue
        others = t.worked[nurse] - t.hours[shift]
        now = t.cost[shift] + unfairness(a, nurse, t.worked[nurse])
        for i in range(count):
            t.trial[i + 1] = t.stop[shift, i]
        for position in range(count + 1):
            if position > 0:
                t.trial[position - 1] = t.stop[shift, position - 1]
            t.trial[position] = visit
            cost, hours = price(a, shift, t.trial, count + 1, t.soonest, t.before)
            cost += unfairness(a, nurse, others + hours) - now
            if cost < best and draw(w.random) >= BLINK:
                best, best_shift, best_position = cost, shift, position
    return best_shift, best_position


@compiled
def _recreate(a: Arrays, t: Tours, w: Workshop) -> None:
    left = 0
    for i in range(w.tally[ABSENT]):
        visit = w.absent[i]
        shift, position = _best_gap(a, t, w, visit) if a.plain else _best_drive(a, t, w, visit)
        if shift < 0:
            w.absent[left] = visit
            left += 1
            continue
        _touch(t, w, shift)
        for j in range(t.length[shift], position, -1):
            t.stop[shift, j] = t.stop[shift, j - 1]
        t.stop[shift, position] = visit
        t.length[shift] += 1
        t.shift_of[visit] = shift
        refresh(a, t, shift)
    w.tally[ABSENT] = left


@compiled
def _restore(a: Arrays, t: Tours, w: Workshop) -> None:
    for each in range(w.tally[TOUCHED]):
        shift = w.touched[each]
        for i in range(t.length[shift]):
            t.shift_of[t.stop[shift, i]] = -1
    for each in range(w.tally[TOUCHED]):
        shift = w.touched[each]
        t.length[shift] = w.old_count[shift]
        for i in range(t.length[shift]):
            t.stop[shift, i] = w.old_stop[shift, i]
            t.shift_of[t.stop[shift, i]] = shift
        refresh(a, t, shift)


@compiled
def _change(a: Arrays, t: Tours, w: Workshop, old_absent: int) -> float:
    """What this round has added to the cost of the plan."""
    change = 0.0
    for each in range(w.tally[TOUCHED]):
        shift = w.touched[each]
        change += t.cost[shift] - w.old_cost[shift]
        if not a.plain:
            nurse = a.nurse[shift]
            worked, others = t.worked[nurse], 0
            for other in range(w.tally[TOUCHED]):
                if a.nurse[w.touched[other]] == nurse:
                    if other < each:
                        worked = -1
                        break
                    others += t.hours[w.touched[other]] - w.old_hours[w.touched[other]]
            if worked >= 0:
                change += unfairness(a, nurse, worked) - unfairness(a, nurse, worked - others)
    for i in range(w.tally[ABSENT]):
        change += a.loss[w.absent[i]]
    for i in range(old_absent):
        change -= a.loss[w.old_absent[i]]
    return change


@compiled
def improve(
    a: Arrays,
    t: Tours,
    best: Tours,
    w: Workshop,
    pool: Pool,
    rounds: int,
    warm: float,
    cool: float,
    margin: float,
) -> None:
    """Do some rounds on ``t``, cooling from ``warm`` to ``cool`` (in seconds of driving), and
    keep the best plan met. Routes of plans within ``margin`` of the best go into the pool."""
    for each in range(rounds):
        w.tally[ROUNDS] += 1
        w.tally[TOUCHED] = 0
        heat = warm * (cool / warm) ** (each / rounds)
        old_absent = w.tally[ABSENT]
        for i in range(old_absent):
            w.old_absent[i] = w.absent[i]
        _ruin(a, t, w)
        _order(a, w)
        _recreate(a, t, w)
        change = _change(a, t, w, old_absent)
        if change >= -heat * np.log(1.0 - draw(w.random)):
            _restore(a, t, w)
            w.tally[ABSENT] = old_absent
            for i in range(old_absent):
                w.absent[i] = w.old_absent[i]
            continue
        w.cost[NOW] += change
        if w.cost[NOW] < w.cost[BEST] + margin:
            for i in range(w.tally[TOUCHED]):
                shift = w.touched[i]
                remember(pool, shift, t.stop[shift], t.length[shift], t.cost[shift], t.hours[shift])
        if w.cost[NOW] < w.cost[BEST] - 0.5:
            w.cost[BEST] = w.cost[NOW]
            copy(t, best)
