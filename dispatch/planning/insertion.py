"""Every gap of every route of a market, in arrays, asked all at once whether a visit fits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.openings import Index, Openings, openings
from dispatch.planning.problem import Nurse, Places, Point, Request, Seconds, Shift, Travel
from dispatch.planning.rules import asked_nurse, qualified_spans, window_is_free
from dispatch.planning.timing import NEVER

NEAR_S = 300
"""Detours are compared in steps of so many seconds; within one the patient's nurse goes first."""
MOST_LOAD_S = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit fits: the shift's index, the position among its ``ordered`` stops (0 is
    before the first), the start of service and the extra driving seconds it costs.

    Of two places the one of smaller ``rank`` is better: of less detour in whole steps of
    ``NEAR_S``; of equals, of a nurse the patient knows; then, of fewer seconds of service on the
    nurse's day already; then, of less detour to the second.
    """

    shift: int
    position: int
    start: int
    detour_s: int
    rank: int


@dataclass(frozen=True, slots=True)
class _Fits:
    """Gaps that can keep the windows starts[low:high], once per qualified span, best first."""

    gap: Index
    low: Index
    high: Index
    arrive: Seconds
    detour: Seconds
    rank: Seconds


@dataclass(frozen=True, slots=True)
class Gaps:
    """All open gaps of ``shifts`` as of ``now``; build with ``Gaps.of``, then ask.

    A visit fits a gap iff max(leave + t1, a) <= min(begin - t2 - service, b), with leave and
    begin the slack of ``timing.slack`` (Savelsbergh 1992; Campbell & Savelsbergh 2004): a route
    is never re-ordered, and on a fixed order no answer is wrong in either direction. The nurse
    must be qualified from the window's beginning to the latest end it allows. Of what fits, the
    place of least ``Place.rank`` is taken; of equals the earlier shift's, then the earlier one.
    """

    shifts: tuple[Shift, ...]
    travel: Travel
    now: int
    points: Places
    nurses: tuple[Nurse, ...]
    nurse: Index
    """Of each shift, among ``nurses``."""
    load: Seconds
    """Seconds of service on each shift."""
    open: Openings
    _spans: dict[tuple[str, frozenset[str]], Seconds] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, shifts: Sequence[Shift], travel: Travel, now: int) -> Gaps:
        """Index the open gaps of shifts; O(stops) time and memory, one call for all legs."""
        points: dict[Point, int] = {}
        rows = openings(
            enumerate(shifts), travel, lambda point: points.setdefault(point, len(points))
        )
        known = {shift.nurse.id: shift.nurse for shift in shifts}
        index = {nurse_id: at for at, nurse_id in enumerate(known)}
        nurse = np.array([index[shift.nurse.id] for shift in shifts], dtype=np.intp)
        return cls(
            tuple(shifts), travel, now, Places(points), tuple(known.values()),
            nurse, np.array([_load(shift) for shift in shifts], dtype=np.int64), rows,
        )  # fmt: skip

    def at(self, now: int) -> Gaps:
        """The same routes at another moment."""
        return replace(self, now=now)

    def with_routes(self, changed: Collection[Shift], gone: Collection[UUID] = ()) -> Gaps:
        """The market after some shifts have changed, come or gone: as built anew in order of ids.

        Where none came or went and the nurses hold what they held, only the rows of the changed
        shifts are made again, provided that ``shifts`` are in order of ids.
        """
        index = {shift.id: at for at, shift in enumerate(self.shifts)}
        new = {shift.id: shift for shift in changed}
        kept = all(
            shift.id in index and shift.nurse == self.nurses[self.nurse[index[shift.id]]]
            for shift in changed
        )
        spent = len(self.points) > 2 * (len(self.open.shift) + len(index)) + len(new)
        if spent or not kept or any(one in index for one in gone):
            left = {shift.id: shift for shift in self.shifts if shift.id not in gone} | new
            return Gaps.of([left[one] for one in sorted(left)], self.travel, self.now)
        return self._patched({index[one]: shift for one, shift in new.items()})

    def without(self, stop_id: UUID | None) -> Gaps:
        """The market as it would be if the stop were gone."""
        shortened = {
            at: replace(shift, stops=tuple(stop for stop in shift.stops if stop.id != stop_id))
            for at, shift in enumerate(self.shifts)
            if stop_id is not None and any(stop.id == stop_id for stop in shift.stops)
        }
        return self._patched(shortened) if shortened else self

    def best(self, request: Request, starts: Seconds, width: int) -> tuple[Place | None, ...]:
        """For each window [start, start + width] the best place, or None where none fits.

        ``starts`` ascend, shape (T,), epoch seconds; the request's own window is not looked at.
        """
        fits = self._fits(request, starts, width)
        chosen = _first_cover(fits.low, fits.high, len(starts))
        return tuple(
            None if row < 0 else self._place(fits, row, start)
            for row, start in zip(chosen.tolist(), starts.tolist(), strict=True)
        )

    def best_of_shifts(
        self, request: Request, starts: Seconds, width: int
    ) -> tuple[tuple[int, Place], ...]:
        """For each shift that can keep some window [start, start + width], that start and place.

        Of least rank, then earliest start, then earliest position; in that order, equals in
        the shifts' order. ``starts`` as for ``best``.
        """
        fits = self._fits(request, starts, width)
        start = starts[fits.low]
        order = np.lexsort((fits.gap, start, fits.rank))
        _, best = np.unique(self.open.shift[fits.gap[order]], return_index=True)
        rows = order[np.sort(best)]
        return tuple(
            (begin, self._place(fits, row, begin))
            for row, begin in zip(rows.tolist(), start[rows].tolist(), strict=True)
        )

    def fits(self, request: Request, starts: Seconds, width: int) -> tuple[Index, Index, Seconds]:
        """Every gap and window [start, start + width] that it can keep: the indices of the shift
        and of the start, and the detour; shape (answers,) each. ``starts`` as for ``best``."""
        found = self._fits(request, starts, width)
        row = np.repeat(np.arange(len(found.gap)), found.high - found.low)
        shift = self.open.shift[found.gap[row]]
        return shift, _spread(found.low, found.high), found.detour[row]

    def places(self, request: Request) -> tuple[Place, ...]:
        """The best place of every shift where the request fits its window, best first."""
        if any(window_is_free(request)):
            return ()
        window = np.array([request.earliest], dtype=np.int64)
        found = self.best_of_shifts(request, window, request.latest - request.earliest)
        return tuple(place for _, place in found)

    def able(self, request: Request, first: int, last: int) -> NDArray[np.bool_]:
        """Of each shift whether its nurse is qualified for some visit that starts in between."""
        spans = self._qualified(request)
        nurses = ((spans[0] <= last) & (first + request.service <= spans[1])).any(axis=0)
        return np.asarray(nurses[self.nurse])

    def _patched(self, changed: dict[int, Shift]) -> Gaps:
        more: dict[Point, int] = {}
        count = len(self.points)
        rows = openings(
            changed.items(), self.travel, lambda point: more.setdefault(point, count + len(more))
        )
        shifts, load = list(self.shifts), self.load.copy()
        for at, shift in changed.items():
            shifts[at], load[at] = shift, _load(shift)
        return replace(
            self,
            shifts=tuple(shifts),
            points=self.points.extended(list(more)),
            load=load,
            open=self.open.replaced(list(changed), rows),
        )

    def _fits(self, request: Request, starts: Seconds, width: int) -> _Fits:
        """Every gap that can keep some of the windows, in order of rank."""
        spans = self._qualified(request)
        gap, leave = self._possible(request, starts, width)
        at = self.open
        to = self._driven(
            at.before[gap], lambda near: self.travel.matrix(near, [request.point])[:, 0]
        )
        (near,) = np.nonzero(leave + to <= at.begin[gap] - request.service)
        gap, to, arrive = gap[near], to[near], (leave + to)[near]
        on = self._driven(at.after[gap], lambda near: self.travel.matrix([request.point], near)[0])
        depart = at.begin[gap] - on - request.service
        (near,) = np.nonzero(arrive <= depart)
        gap, to, on, arrive, depart = gap[near], to[near], on[near], arrive[near], depart[near]
        held = spans[:, :, self.nurse[at.shift[gap]]]
        low = np.searchsorted(starts, np.maximum(arrive - width, held[0]), side="left")
        last = np.minimum(depart, held[1] - width - request.service)
        high = np.searchsorted(starts, last, side="right")
        row, span = np.nonzero((low < high).T)
        found, detour = gap[row], (to + on - at.leg[gap])[row]
        rank = self._rank(request, at.shift[found], detour)
        order = np.argsort(rank, kind="stable")
        span, row = span[order], row[order]
        return _Fits(
            found[order], low[span, row], high[span, row], arrive[row], detour[order], rank[order]
        )

    def _possible(self, request: Request, starts: Seconds, width: int) -> tuple[Index, Seconds]:
        """Gaps not ruled out before any drive is known, and their earliest departures."""
        at = self.open
        leave = np.maximum(at.ready, self.now + at.away)
        if not len(starts):
            return np.empty(0, dtype=np.intp), leave[:0]
        first, last = int(starts[0]), int(starts[-1]) + width
        (gap,) = np.nonzero(
            (at.begin - leave >= request.service)
            & (leave <= last)
            & (first + request.service <= at.begin)
            & (self.now <= at.last)
            & self.able(request, first, last)[at.shift]
        )
        return gap, leave[gap]

    def _driven(self, ids: Index, ask: Callable[[Places], Seconds]) -> Seconds:
        """The drives from or to these places, each place asked once."""
        wanted = np.zeros(len(self.points), dtype=bool)
        wanted[ids] = True
        (near,) = np.nonzero(wanted)
        seconds = np.empty(len(self.points), dtype=np.int64)
        seconds[near] = ask(self.points.take(near))
        return seconds[ids]

    def _rank(self, request: Request, shift: Index, detour: Seconds) -> Seconds:
        """See ``Place.rank``; its parts as the digits of one number."""
        new = np.array([nurse.id not in request.known for nurse in self.nurses], dtype=np.int64)
        steps, rest = np.divmod(detour, NEAR_S)
        load = np.minimum(self.load[shift], MOST_LOAD_S - 1)
        rank: Seconds = ((2 * steps + new[self.nurse[shift]]) * MOST_LOAD_S + load) * NEAR_S + rest
        return rank

    def _qualified(self, request: Request) -> Seconds:
        """From and until of each nurse's k-th qualified span, shape (2, k, nurses)."""
        key = (request.state, request.certificates)
        if key not in self._spans:
            held = [qualified_spans(nurse, *key) for nurse in self.nurses]
            most = max((len(spans) for spans in held), default=0)
            padded = [spans + ((NEVER, -NEVER),) * (max(1, most) - len(spans)) for spans in held]
            shape = (len(held), max(1, most), 2)
            self._spans[key] = np.array(padded, dtype=np.int64).reshape(shape).transpose(2, 1, 0)
        if request.nurse is None:
            return self._spans[key]
        spans = self._spans[key].copy()
        refused = [any(asked_nurse(nurse, request)) for nurse in self.nurses]
        spans[0, :, refused], spans[1, :, refused] = NEVER, -NEVER
        return spans

    def _place(self, fits: _Fits, row: int, start: int) -> Place:
        gap = fits.gap[row]
        return Place(
            int(self.open.shift[gap]),
            int(self.open.position[gap]),
            max(int(fits.arrive[row]), start),
            int(fits.detour[row]),
            int(fits.rank[row]),
        )


def _load(shift: Shift) -> int:
    return sum(stop.service for stop in shift.stops)


def _first_cover(low: Index, high: Index, columns: int) -> Index:
    """For each of ``columns`` the first row whose [low, high) covers it, or -1."""
    chosen = np.full(columns, -1)
    rows = np.repeat(np.arange(len(low)), high - low)
    chosen[_spread(low, high)[::-1]] = rows[::-1]  # of equal indices the last write stays
    return chosen


def _spread(low: Index, high: Index) -> Index:
    """The whole numbers of every [low, high), one after the other."""
    count = high - low
    return np.repeat(low - np.cumsum(count) + count, count) + np.arange(count.sum())
