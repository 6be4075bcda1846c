"""The routes of one shift that are worth more than they cost, at given prices for the visits.

Depth first over all orders, pruned by a completion bound per visit and time bucket that forbids
going back to where one came from (2-cycle elimination; Houck et al. 1980). Where the search ends
by itself its answer is exact; else the bound stands in for it.
"""

from __future__ import annotations

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays
from dispatch.planning.day.driving import price
from dispatch.planning.day.net import FAR, Net, bound_completions, lay_arcs
from dispatch.planning.day.pool import Pool, remember
from dispatch.planning.day.tours import Floats, begin_from


@compiled
def _close(
    a: Arrays, net: Net, shift: int, depth: int, per_hour: float, found: int, cutoff: float
) -> int:
    """Weigh the path as a whole route; keep it where it is among the best. How many are kept."""
    begin = net.node_at[shift]
    value = net.path_cost[depth]
    visit = net.node_visit[begin + net.path[depth]]
    value += a.travel[a.place[visit], a.end[shift]]
    if value >= cutoff:
        return found
    for i in range(depth + 1):
        net.order[i] = net.node_visit[begin + net.path[i]]
    cost, hours = price(a, shift, net.order, depth + 1, net.soonest, net.before)
    if cost >= FAR:
        return found
    earned = 0.0
    for i in range(depth + 1):
        earned += net.value[net.path[i]] + a.pair_cost[net.node_pair[begin + net.path[i]]]
    value = cost + per_hour * hours - earned
    if value >= cutoff:
        return found
    at = found
    if found == len(net.found_count):
        at = 0
        for i in range(found):
            if net.found_value[i] > net.found_value[at]:
                at = i
        if net.found_value[at] <= value:
            return found
    else:
        found += 1
    net.found_value[at], net.found_count[at] = value, depth + 1
    net.found_cost[at], net.found_hours[at] = cost, hours
    for i in range(depth + 1):
        net.found[at, i] = net.order[i]
    return found


@compiled
def _cutoff(net: Net, found: int, ceiling: float) -> float:
    """What a route must be below to matter: the ceiling, or the dearest of a full hand."""
    if found < len(net.found_count):
        return ceiling
    dearest = -FAR
    for i in range(found):
        dearest = max(dearest, net.found_value[i])
    return min(ceiling, dearest)


@compiled
def best_routes(
    a: Arrays,
    net: Net,
    shift: int,
    worth: Floats,
    per_hour: float,
    bucket: int,
    ceiling: float,
    most_steps: int,
) -> tuple[float, int, int]:
    """Routes whose cost, less the worth of their visits, lies below ``ceiling``: the cheapest few.

    ``worth`` is per visit, shape (n,); ``per_hour`` is charged for each second worked. Returns a
    bound no route of the shift goes below (or the ceiling), how many routes ``net.found`` holds,
    and the steps taken; above ``most_steps`` the search was cut short.
    """
    lay_arcs(a, net, shift, worth)
    bound_completions(a, net, shift, bucket)
    begin, until = net.node_at[shift], net.node_at[shift + 1]
    opens, home = a.opens[shift], a.start[shift]
    found, steps, floor, cutoff = 0, 0, ceiling, ceiling
    for i in range(until - begin):
        pair, visit = net.node_pair[begin + i], net.node_visit[begin + i]
        way = a.travel[home, a.place[visit]]
        start = a.pair_first[pair]
        net.path_cost[0] = way - net.value[i]
        bound = net.path_cost[0] + net.low[i, (start - opens) // bucket]
        floor = min(floor, bound)
        if bound >= cutoff or steps > most_steps:
            continue
        net.path[0], net.path_start[0], net.path_arc[0] = i, start, net.arc_at[i]
        found = _close(a, net, shift, 0, per_hour, found, cutoff)
        depth = 0
        while depth >= 0:
            here = net.path[depth]
            if net.path_arc[depth] >= net.arc_at[here + 1] or steps > most_steps:
                depth -= 1
                continue
            arc = net.path_arc[depth]
            net.path_arc[depth] += 1
            to = net.arc_to[arc]
            steps += 1
            there = net.node_pair[begin + to]
            free = net.path_start[depth] + a.service[net.node_visit[begin + here]]
            at = begin_from(a, there, net.node_visit[begin + to], free + net.arc_way[arc])
            if at > a.pair_last[there]:
                continue
            then = (at - opens) // bucket
            onward = net.low[to, then]
            if net.low_next[to, then] == here:
                onward = net.second[to, then]
            cost = net.path_cost[depth] + net.arc_way[arc] - net.value[to]
            if cost + onward >= cutoff or _visited(net, depth, to):
                continue
            if depth + 2 > a.most_visits[shift]:
                continue
            depth += 1
            net.path[depth], net.path_start[depth] = to, at
            net.path_cost[depth], net.path_arc[depth] = cost, net.arc_at[to]
            found = _close(a, net, shift, depth, per_hour, found, cutoff)
            cutoff = _cutoff(net, found, ceiling)
    if steps <= most_steps:
        floor = ceiling
        for i in range(found):
            floor = min(floor, net.found_value[i])
    return floor, found, steps


@compiled
def _visited(net: Net, depth: int, node: int) -> bool:
    for i in range(depth + 1):  # noqa: SIM110 - generators cannot be compiled
        if net.path[i] == node:
            return True
    return False


@compiled
def price_out(
    a: Arrays,
    net: Net,
    pool: Pool,
    worth: Floats,
    rent: Floats,
    per_hour: Floats,
    bucket: int,
    most_steps: int,
    first: int,
    until: int,
) -> tuple[float, int, int, int]:
    """Put the best new routes of the shifts from ``first`` up to ``until`` into the pool.

    ``rent`` is each shift's dual (not above 0): a route must earn more than that. ``per_hour`` is
    each nurse's price of a second. Returns the sum over shifts of what no route goes below (for
    the Lagrangian bound), the number of new columns, how many searches were cut short, and of
    how many shifts there may be more routes than could be taken.
    """
    total, new, cut, full = 0.0, 0, 0, 0
    for shift in range(first, until):
        floor, found, steps = best_routes(
            a, net, shift, worth, per_hour[a.nurse[shift]], bucket, rent[shift] - 1e-6, most_steps
        )
        total += min(floor, rent[shift])
        cut += steps > most_steps
        full += found == len(net.found_count)
        for i in range(found):
            column = remember(
                pool, shift, net.found[i], net.found_count[i], net.found_cost[i], net.found_hours[i]
            )
            new += column >= 0
    return total, new, cut, full
