"""A problem as flat arrays, the way compiled loops read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.day.problem import Break, Hours, Problem, Shift, Visit, Window

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Flags = NDArray[np.bool_]

ANY_TIME: tuple[Window, ...] = ((-(1 << 60), 1 << 60),)
UNBOUND = 1 << 60


class Arrays(NamedTuple):
    """``n`` visits, ``s`` shifts, ``p`` places and one nowhere, to which all ways are 0 long.

    Pairs of visit and shift that fit alone are listed by visit: those of visit v stand at
    ``pair_at[v]`` up to ``pair_at[v + 1]``, each with its shift, the first and last start the
    shift's hours leave, whether several windows lie between, and the soft cost.
    """

    travel: Small  # (p + 1, p + 1)
    place: Ints  # (n,)
    service: Ints
    setup: Ints
    planned: Ints  # UNBOUND where nothing was told
    loss: Ints  # what leaving the visit out costs
    window_at: Ints  # (n + 1,)
    window_from: Ints
    window_until: Ints
    pair_at: Ints  # (n + 1,)
    pair_shift: Ints
    pair_first: Ints
    pair_last: Ints
    pair_several: Flags
    pair_cost: Ints
    pair_of: Small  # (n, s): where the pair stands, -1 where the two do not fit
    start: Ints  # (s,)
    end: Ints
    opens: Ints
    closes: Ints
    nurse: Ints
    most_visits: Ints
    most_travel: Ints
    regular_end: Ints
    break_at: Ints  # (s + 1,)
    break_service: Ints
    pause_at: Ints  # (breaks + 1,): the windows of each break
    pause_from: Ints
    pause_until: Ints
    most_hours: Ints  # (nurses,)
    fair_hours: Ints
    overtime: float
    unfair: float
    moved: int
    moved_after: int
    plain: bool  # driving and windows alone say whether a route is kept and what it costs


def arrays_of(problem: Problem) -> Arrays:
    """Flatten a problem; pairs that cannot be kept even alone are left out."""
    travel = np.zeros([len(problem.travel) + 1] * 2, dtype=np.int32)
    travel[:-1, :-1] = problem.travel
    visits, shifts, nowhere = problem.visits, problem.shifts, len(problem.travel)
    windows = [visit.windows or ANY_TIME for visit in visits]
    breaks = [pause for shift in shifts for pause in shift.breaks]
    pauses = [pause.windows or ANY_TIME for pause in breaks]
    nurses = max((shift.nurse for shift in shifts), default=-1) + 1
    hours = problem.hours or (Hours(),) * nurses
    place = _ints(visit.place for visit in visits)
    service = _ints(visit.service for visit in visits)
    start = _ints(nowhere if shift.start is None else shift.start for shift in shifts)
    end = _ints(nowhere if shift.end is None else shift.end for shift in shifts)
    opens, closes = _ints(s.opens for s in shifts), _ints(s.closes for s in shifts)
    first, last, several = _spans(windows, service, travel, place, start, end, opens, closes)
    able = problem.able & (first <= last)
    pair_visit, pair_shift = np.nonzero(able)
    pair_of = np.full(able.shape, -1, dtype=np.int32)
    pair_of[pair_visit, pair_shift] = np.arange(len(pair_visit))
    return Arrays(
        travel=travel,
        place=place,
        service=service,
        setup=_ints(visit.setup for visit in visits),
        planned=_ints(_or_unbound(visit.planned) for visit in visits),
        loss=_losses(problem),
        window_at=_offsets(windows),
        window_from=_ints(window[0] for each in windows for window in each),
        window_until=_ints(window[1] for each in windows for window in each),
        pair_at=_counted(pair_visit, len(visits)),
        pair_shift=pair_shift.astype(np.int64),
        pair_first=first[able],
        pair_last=last[able],
        pair_several=several[able],
        pair_cost=problem.cost[able].astype(np.int64),
        pair_of=pair_of,
        start=start,
        end=end,
        opens=opens,
        closes=closes,
        nurse=_ints(shift.nurse for shift in shifts),
        most_visits=_ints(_or_unbound(shift.most_visits) for shift in shifts),
        most_travel=_ints(_or_unbound(shift.most_travel) for shift in shifts),
        regular_end=_ints(_or_unbound(shift.regular_end) for shift in shifts),
        break_at=_offsets([shift.breaks for shift in shifts]),
        break_service=_ints(pause.service for pause in breaks),
        pause_at=_offsets(pauses),
        pause_from=_ints(window[0] for each in pauses for window in each),
        pause_until=_ints(window[1] for each in pauses for window in each),
        most_hours=_ints(_or_unbound(one.most) for one in hours),
        fair_hours=_ints(_or_unbound(one.fair) for one in hours),
        overtime=float(problem.terms.overtime),
        unfair=float(problem.terms.unfair),
        moved=problem.terms.moved,
        moved_after=problem.terms.moved_after_s,
        plain=_plain(visits, shifts, hours, breaks, moved=problem.terms.moved),
    )


def narrowed(a: Arrays, keep: Flags) -> Arrays:
    """The same with fewer pairs, those kept: shape (pairs,)."""
    visit = np.repeat(np.arange(len(a.place)), np.diff(a.pair_at))[keep]
    pair_of = np.full_like(a.pair_of, -1)
    pair_of[visit, a.pair_shift[keep]] = np.arange(len(visit))
    return a._replace(
        pair_at=_counted(visit, len(a.place)),
        pair_shift=a.pair_shift[keep],
        pair_first=a.pair_first[keep],
        pair_last=a.pair_last[keep],
        pair_several=a.pair_several[keep],
        pair_cost=a.pair_cost[keep],
        pair_of=pair_of,
    )


def _plain(
    visits: Sequence[Visit],
    shifts: Sequence[Shift],
    hours: Sequence[Hours],
    breaks: Sequence[Break],
    *,
    moved: int,
) -> bool:
    return not (
        breaks
        or any(visit.setup for visit in visits)
        or any(shift.most_travel is not None for shift in shifts)
        or any(shift.regular_end is not None for shift in shifts)
        or any(one.most is not None or one.fair is not None for one in hours)
        or (moved and any(visit.planned is not None for visit in visits))
    )


def _losses(problem: Problem) -> Ints:
    """Leaving out is dearer than all driving: first by priority, then by number."""
    count = len(problem.visits)
    weight = _ints(visit.priority * (count + 1) + 1 for visit in problem.visits)
    legs = int(problem.travel.max(initial=0)) * 4 + int(np.abs(problem.cost).max(initial=0)) * 2
    return weight * max(100_000, 2 * legs + 4 * problem.terms.moved)


def _spans(
    windows: Sequence[tuple[Window, ...]],
    service: Ints,
    travel: Small,
    place: Ints,
    start: Ints,
    end: Ints,
    opens: Ints,
    closes: Ints,
) -> tuple[Ints, Ints, Flags]:
    """First and last start of each visit on each shift, alone on it, and whether several windows
    lie between; first after last where there is none. Shape (n, s) each."""
    soonest = opens[None, :] + travel[start[None, :], place[:, None]]
    latest = closes[None, :] - travel[place[:, None], end[None, :]] - service[:, None]
    first = np.full(soonest.shape, UNBOUND, dtype=np.int64)
    last = -first
    count = np.zeros(soonest.shape, dtype=np.int64)
    for each in range(max((len(one) for one in windows), default=0)):
        begin = _ints(one[each][0] if each < len(one) else UNBOUND for one in windows)[:, None]
        until = _ints(one[each][1] if each < len(one) else -UNBOUND for one in windows)[:, None]
        low, high = np.maximum(begin, soonest), np.minimum(until, latest)
        fits = low <= high
        first = np.where(fits, np.minimum(first, low), first)
        last = np.where(fits, np.maximum(last, high), last)
        count += fits
    return first, last, count > 1


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload]


def _or_unbound(value: int | None) -> int:
    return UNBOUND if value is None else value


def _offsets(lists: Sequence[Sequence[object]]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(one) for one in lists], dtype=np.int64)))


def _counted(owners: NDArray[np.intp], count: int) -> Ints:
    return np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count)))).astype(np.int64)
