"""Every gap of every route of a market, in arrays, asked all at once whether a visit fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.problem import Nurse, Places, Point, Request, Seconds, Shift, Travel
from dispatch.planning.rules import asked_nurse, patient_is_free, qualified_spans
from dispatch.planning.timing import NEVER, ordered, slack

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit fits: the shift's index, the position among its ``ordered`` stops (0 is
    before the first), the start of service and the extra driving seconds it costs."""

    shift: int
    position: int
    start: int
    detour_s: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """All open gaps of ``shifts`` as of ``now``; build with ``Gaps.of``, then ask.

    A visit fits a gap iff max(leave + t1, a) <= min(begin - t2 - service, b), with leave and
    begin the slack of ``timing.slack`` (Savelsbergh 1992; Campbell & Savelsbergh 2004): a route
    is never re-ordered, and on a fixed order no answer is wrong in either direction. The nurse
    must be qualified from the window's beginning to the latest end it allows.
    """

    shifts: tuple[Shift, ...]
    travel: Travel
    now: int
    points: Places
    nurses: tuple[Nurse, ...]
    shift: Index
    position: Index
    nurse: Index
    before: Index
    after: Index
    leave: Seconds
    begin: Seconds
    leg: Seconds
    _spans: dict[tuple[str, frozenset[str]], Seconds] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, shifts: Sequence[Shift], travel: Travel, now: int) -> Gaps:
        """Index the open gaps of shifts; O(stops) time and memory, one call for all legs."""
        points: dict[Point, int] = {}
        nurses: dict[UUID, int] = {}
        rows: list[tuple[int, ...]] = []
        for index, (shift, legs) in enumerate(zip(shifts, _legs(shifts, travel), strict=True)):
            path = [shift.home, *(stop.point for stop in ordered(shift)), shift.home]
            ids = [points.setdefault(point, len(points)) for point in path]
            nurse = nurses.setdefault(shift.nurse.id, len(nurses))
            free = slack(shift, legs, now)
            rows.extend(
                (index, position, nurse, *gap)
                for position, gap in enumerate(
                    zip(ids, ids[1:], free.leave, free.begin, legs, strict=False)
                )
                if free.leave[position] < NEVER and free.begin[position] > -NEVER
            )
        columns = np.array(rows, dtype=np.int64).reshape(-1, 8).T.copy()
        known = {shift.nurse.id: shift.nurse for shift in shifts}
        people = tuple(known[nurse] for nurse in nurses)
        return cls(tuple(shifts), travel, now, Places(tuple(points)), people, *columns)

    def best(self, request: Request, starts: Seconds, width: int) -> tuple[Place | None, ...]:
        """For each window [start, start + width] the fitting place of least detour, or None.

        ``starts`` ascend, shape (T,), epoch seconds; the request's own window is not looked at.
        Ties go to the earlier shift of the sequence, then the earlier position.
        """
        arrive, depart, detour = self._bounds(request)
        gap, low, high = self._cover(request, arrive, depart, starts, width)
        order = np.lexsort((gap, detour[gap]))
        chosen = _first_cover(gap[order], low[order], high[order], len(starts))
        return tuple(
            None if gap < 0 else self._place(gap, max(int(arrive[gap]), start), int(detour[gap]))
            for gap, start in zip(chosen.tolist(), starts.tolist(), strict=True)
        )

    def best_of_shifts(
        self, request: Request, starts: Seconds, width: int
    ) -> tuple[tuple[int, Place], ...]:
        """For each shift that can keep some window [start, start + width], that start and place.

        Of least detour, then earliest start, then earliest position; in that order, equals in
        the shifts' order. ``starts`` as for ``best``.
        """
        arrive, depart, detour = self._bounds(request)
        gap, low, _ = self._cover(request, arrive, depart, starts, width)
        start = starts[low]
        order = np.lexsort((gap, start, detour[gap]))
        gap, start = gap[order], start[order]
        _, best = np.unique(self.shift[gap], return_index=True)
        best = np.sort(best)
        return tuple(
            (begin, self._place(at, max(int(arrive[at]), begin), int(detour[at])))
            for at, begin in zip(gap[best].tolist(), start[best].tolist(), strict=True)
        )

    def fits(self, request: Request, starts: Seconds, width: int) -> tuple[Index, Index, Seconds]:
        """Every gap and window [start, start + width] that it can keep: the indices of the shift
        and of the start, and the detour; shape (answers,) each. ``starts`` as for ``best``."""
        arrive, depart, detour = self._bounds(request)
        gap, low, high = self._cover(request, arrive, depart, starts, width)
        window, gap = _spread(low, high), np.repeat(gap, high - low)
        return self.shift[gap], window, detour[gap]

    def places(self, request: Request) -> tuple[Place, ...]:
        """The best place of every shift where the request fits its window, by detour.

        Ties go to the earlier shift of the sequence, then the earlier position.
        """
        if any(patient_is_free(request)):
            return ()
        arrive, depart, detour = self._bounds(request)
        start = np.maximum(arrive, request.earliest)
        end = request.latest + request.service
        spans = self._qualified(request)
        able = ((spans[0] <= request.earliest) & (end <= spans[1])).any(axis=0)
        fits = able[self.nurse] & (start <= np.minimum(depart, request.latest))
        (gaps,) = np.nonzero(fits)
        gaps = gaps[np.argsort(detour[gaps], kind="stable")]
        _, best = np.unique(self.shift[gaps], return_index=True)
        return tuple(
            self._place(gap, int(start[gap]), int(detour[gap])) for gap in gaps[np.sort(best)]
        )

    def _cover(
        self, request: Request, arrive: Seconds, depart: Seconds, starts: Seconds, width: int
    ) -> tuple[Index, Index, Index]:
        """Gaps that can keep windows, once per qualified span, and which: starts[low:high]."""
        spans = self._qualified(request)[:, :, self.nurse]
        first = np.maximum(arrive - width, spans[0])
        last = np.minimum(depart, spans[1] - width - request.service)
        low = np.searchsorted(starts, first, side="left")
        high = np.searchsorted(starts, last, side="right")
        span, gap = np.nonzero((low < high) & (arrive <= depart))
        return gap, low[span, gap], high[span, gap]

    def _bounds(self, request: Request) -> tuple[Seconds, Seconds, Seconds]:
        """Earliest start, latest start and detour of the request in every gap, shape (gaps,)."""
        to = self.travel.matrix(self.points, [request.point])[:, 0][self.before]
        on = self.travel.matrix([request.point], self.points)[0][self.after]
        return self.leave + to, self.begin - on - request.service, to + on - self.leg

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

    def _place(self, gap: int, start: int, detour_s: int) -> Place:
        return Place(int(self.shift[gap]), int(self.position[gap]), start, detour_s)


def _first_cover(gap: Index, low: Index, high: Index, columns: int) -> Index:
    """For each of ``columns`` the first row's gap whose [low, high) covers it, or -1."""
    chosen = np.full(columns, -1)
    # of equal indices the last write stays
    chosen[_spread(low, high)[::-1]] = np.repeat(gap, high - low)[::-1]
    return chosen


def _spread(low: Index, high: Index) -> Index:
    """The whole numbers of every [low, high), one after the other."""
    count = high - low
    return np.repeat(low - np.cumsum(count) + count, count) + np.arange(count.sum())


def _legs(shifts: Sequence[Shift], travel: Travel) -> list[list[int]]:
    """The legs of every shift (see ``timing.path_legs``), asked as one long path."""
    paths = [[s.home, *(stop.point for stop in ordered(s)), s.home] for s in shifts]
    seconds = travel.legs([point for path in paths for point in path]).tolist()
    ends = np.cumsum([len(path) for path in paths]).tolist()
    return [seconds[end - len(path) : end - 1] for path, end in zip(paths, ends, strict=True)]
