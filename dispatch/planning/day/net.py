"""What can follow what on one shift, at what cost: the net in which its routes are priced."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dispatch.planning.compiled import compiled
from dispatch.planning.day.arrays import Arrays, Ints, Small
from dispatch.planning.day.tours import Floats

FAR = 1e18


class Net(NamedTuple):
    """Per shift the pairs that fit alone, and room for one shift's search."""

    node_at: Ints  # (s + 1,)
    node_pair: Ints
    node_visit: Ints
    arc_at: Ints  # (most nodes + 1,)
    arc_to: Small
    arc_way: Small
    value: Floats  # (most nodes,): price less soft cost
    low: Floats  # (most nodes, buckets): cheapest completion
    low_next: Small
    second: Floats  # the same without that next stop
    path: Ints  # (width + 1,)
    path_arc: Ints
    path_start: Ints
    path_cost: Floats
    order: Ints
    soonest: Ints
    before: Ints
    found: Small  # (columns a shift, width)
    found_count: Ints
    found_value: Floats
    found_cost: Floats
    found_hours: Ints


def net_of(a: Arrays, width: int, bucket: int, columns: int) -> Net:
    """Sort the pairs by shift. ``bucket`` seconds must not exceed the shortest service + leg."""
    visit = np.repeat(np.arange(len(a.place)), np.diff(a.pair_at))
    order = np.argsort(a.pair_shift, kind="stable")
    counts = np.bincount(a.pair_shift, minlength=len(a.start))
    most = int(counts.max(initial=0))
    buckets = int((a.closes - a.opens).max(initial=0)) // bucket + 2
    breaks = int(np.diff(a.break_at).max(initial=0))
    return Net(
        node_at=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        node_pair=order.astype(np.int64),
        node_visit=visit[order].astype(np.int64),
        arc_at=np.zeros(most + 1, dtype=np.int64),
        arc_to=np.zeros(most * most, dtype=np.int32),
        arc_way=np.zeros(most * most, dtype=np.int32),
        value=np.zeros(most),
        low=np.zeros((most, buckets)),
        low_next=np.zeros((most, buckets), dtype=np.int32),
        second=np.zeros((most, buckets)),
        path=np.zeros(width + 2, dtype=np.int64),
        path_arc=np.zeros(width + 2, dtype=np.int64),
        path_start=np.zeros(width + 2, dtype=np.int64),
        path_cost=np.zeros(width + 2),
        order=np.zeros(width + 2, dtype=np.int64),
        soonest=np.zeros((width + 2, breaks + 1), dtype=np.int64),
        before=np.zeros((width + 2, breaks + 1), dtype=np.int64),
        found=np.zeros((columns, width), dtype=np.int32),
        found_count=np.zeros(columns, dtype=np.int64),
        found_value=np.zeros(columns),
        found_cost=np.zeros(columns),
        found_hours=np.zeros(columns, dtype=np.int64),
    )


@compiled
def lay_arcs(a: Arrays, net: Net, shift: int, worth: Floats) -> None:
    """Which visit can follow which, with the way between, and what each is worth."""
    begin, until = net.node_at[shift], net.node_at[shift + 1]
    arcs = 0
    for i in range(until - begin):
        pair, visit = net.node_pair[begin + i], net.node_visit[begin + i]
        net.value[i] = worth[visit] - a.pair_cost[pair]
    for i in range(until - begin):
        pair, visit = net.node_pair[begin + i], net.node_visit[begin + i]
        net.arc_at[i] = arcs
        free = a.pair_first[pair] + a.service[visit]
        here = a.place[visit]
        for j in range(until - begin):
            if i == j:
                continue
            way = a.travel[here, a.place[net.node_visit[begin + j]]]
            if free + way <= a.pair_last[net.node_pair[begin + j]]:
                net.arc_to[arcs], net.arc_way[arcs] = j, way
                arcs += 1
    net.arc_at[until - begin] = arcs


@compiled
def bound_completions(a: Arrays, net: Net, shift: int, bucket: int) -> None:
    """``low[i, b]``: no way of going on from visit i, begun in bucket b or later, costs less."""
    begin, until = net.node_at[shift], net.node_at[shift + 1]
    opens = a.opens[shift]
    buckets = (a.closes[shift] - opens) // bucket + 1
    for b in range(buckets - 1, -1, -1):
        for i in range(until - begin):
            pair, visit = net.node_pair[begin + i], net.node_visit[begin + i]
            start = max(opens + b * bucket, a.pair_first[pair])
            best, following, second = FAR, -1, FAR
            if start <= a.pair_last[pair]:
                best = float(a.travel[a.place[visit], a.end[shift]])
                second = best
                free = start + a.service[visit]
                for arc in range(net.arc_at[i], net.arc_at[i + 1]):
                    j = net.arc_to[arc]
                    there = net.node_pair[begin + j]
                    at = max(free + net.arc_way[arc], a.pair_first[there])
                    if at > a.pair_last[there]:
                        continue
                    then = (at - opens) // bucket
                    onward = net.second[j, then] if net.low_next[j, then] == i else net.low[j, then]
                    cost = net.arc_way[arc] - net.value[j] + onward
                    if cost < best:
                        best, following, second = cost, j, best
                    elif cost < second:
                        second = cost
            net.low[i, b], net.low_next[i, b], net.second[i, b] = best, following, second
