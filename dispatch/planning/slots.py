"""The start times that can be offered to a patient, each with the gap that will serve it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from dispatch.planning.insertion import Gaps, Place
from dispatch.planning.problem import Request, Seconds, Shift
from dispatch.planning.rules import Breach, bookable_hours, outside, window_is_free


@dataclass(frozen=True, slots=True)
class Offer:
    """A window [start, window_end] for the start of service, and the witness that can keep it.

    Epoch seconds; ``position`` counts among the shift's ``timing.ordered`` stops.
    """

    start: int
    window_end: int
    service_start: int
    shift: UUID
    nurse: UUID
    position: int
    detour_s: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The windows any of which would do, of one width; what is broken in all of them; and the
    starts to which a fix may move them, ascending, or None for any."""

    windows: tuple[Request, ...]
    broken: tuple[Breach, ...] = ()
    starts: tuple[int, ...] | None = None


def offers(gaps: Gaps, request: Request, starts: Iterable[int], width: int) -> tuple[Offer, ...]:
    """At most one offer per start, of least detour, ascending by start.

    A start counts where it is not past and its window of ``width`` seconds lies inside the
    request's [earliest, latest].
    """
    begins = free_starts(request, starts, width, gaps.now)
    found = zip(begins.tolist(), gaps.best(request, begins, width), strict=True)
    return tuple(_offer(gaps, start, width, place) for start, place in found if place)


def free_starts(request: Request, starts: Iterable[int], width: int, now: int) -> Seconds:
    """The starts that count, see ``offers``, and at which the patient has no other visit."""
    return _free(_inside(request, starts, width, now))


def windows(request: Request, starts: Iterable[int], width: int, now: int) -> tuple[Request, ...]:
    """What may be promised of a wide, unpromised window, ascending: see ``offers``.

    A window no wider than ``width`` is tried as it stands.
    """
    if request.latest - request.earliest <= width:
        return (request,)
    return _inside(request, starts, width, now)


def offers_of_shifts(gaps: Gaps, request: Request, tried: Sequence[Request]) -> tuple[Offer, ...]:
    """Each shift's best offer among ``windows``: of least detour, then earliest, and so ordered."""
    if not tried:
        return ()
    width = tried[0].latest - tried[0].earliest
    found = gaps.best_of_shifts(request, _free(tried), width)
    return tuple(_offer(gaps, start, width, place) for start, place in found)


def choose(gaps: Gaps, request: Request, starts: Iterable[int], width: int) -> Offer | None:
    """The offer of least detour inside a wide, unpromised window, the earliest of equals.

    None where nothing fits.
    """
    tried = windows(request, starts, width, gaps.now)
    return next(iter(offers_of_shifts(gaps, request, tried)), None)


def asked_for(request: Request, starts: Sequence[int], width: int, now: int) -> Asked:
    """What a wide, unpromised window asks for: see ``windows``.

    Where none is left, the bookable start nearest to it is judged; of one gone by, its end.
    """
    tried = windows(request, starts, width, now)
    broken = tuple(bookable_hours(request, starts, width, now))
    left = [start for start in starts if start >= now]
    if not tried:
        near = sorted(left if broken else (), key=lambda start: outside(request, start, width))
        tried = (window_at(request, next(iter(near), request.latest - width), width),)
    wide = tried[0].latest - tried[0].earliest
    free = _free(window_at(request, start, wide) for start in left)
    return Asked(tried, broken, tuple(free.tolist()))


def during(shift: Shift, windows: tuple[Request, ...]) -> list[Request]:
    """The windows whose visit would touch the shift; the nearest to it where none does."""

    def apart(window: Request) -> int:
        end = window.latest + window.service
        return max(window.earliest - shift.end, shift.start - end)

    return [window for window in windows if apart(window) <= 0] or [min(windows, key=apart)]


def window_at(request: Request, start: int, width: int) -> Request:
    """The request with the window [start, start + width]."""
    return replace(request, earliest=start, latest=start + width)


def open_starts(request: Request, starts: Iterable[int], width: int) -> Seconds:
    """Those of the starts at which the patient has no other visit; the request's own window is
    not looked at."""
    return _free(window_at(request, start, width) for start in starts)


def _inside(request: Request, starts: Iterable[int], width: int, now: int) -> tuple[Request, ...]:
    inside = (at for at in set(starts) if at >= now and outside(request, at, width) <= 0)
    return tuple(window_at(request, at, width) for at in sorted(inside))


def _free(tried: Iterable[Request]) -> Seconds:
    """The beginnings of those windows in which patient and supervision are free."""
    free = [window.earliest for window in tried if not any(window_is_free(window))]
    return np.array(free, dtype=np.int64)


def _offer(gaps: Gaps, start: int, width: int, place: Place) -> Offer:
    shift = gaps.shifts[place.shift]
    return Offer(
        start=start,
        window_end=start + width,
        service_start=place.start,
        shift=shift.id,
        nurse=shift.nurse.id,
        position=place.position,
        detour_s=place.detour_s,
    )
