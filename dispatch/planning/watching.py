"""Plans that clinicians can watch: no more is newly placed than they have attention for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from dispatch.planning.day.problem import Routes, Solution
from dispatch.planning.day.solve import valued
from dispatch.planning.draft import Draft, Wish
from dispatch.planning.outcome import promised_by
from dispatch.planning.problem import Request
from dispatch.planning.rules import infusing
from dispatch.planning.supervision import Attention


def watched(made: Draft, found: Solution, attention: Attention | None) -> Solution:
    """The plan without the newly placed wishes whose infusions would be too many at once.

    Each alone has been judged before; what stood on a route keeps the attention it has, wherever
    it goes. Without some stops others come earlier and may be promised other windows: so again,
    until all can be watched.
    """
    if attention is None:
        return found
    while gone := set(_too_many(made, found.routes, attention)):
        routes = tuple(tuple(one for one in route if one not in gone) for route in found.routes)
        found = valued(made.problem, routes)
    return found


def _too_many(made: Draft, routes: Routes, attention: Attention) -> Iterator[int]:
    """What was promised takes its place before what is only asked for."""
    windows = promised_by(made, routes)
    placed = [one for route in routes for one in route if made.homes[one] is None]
    placed.sort(key=lambda one: (not made.wishes[one].promised, one))
    asked = [_asked(made.wishes[one], windows) for one in placed]
    for refused in attention.too_many(map(infusing, asked)):
        yield placed[refused]


def _asked(wish: Wish, windows: Mapping[UUID, tuple[int, int]]) -> Request:
    """The wish with the window that it is given."""
    if wish.promised:
        return wish.windows[0]
    earliest, latest = windows[wish.id]
    return replace(wish.request, earliest=earliest, latest=latest)
