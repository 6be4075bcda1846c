"""The start times that can be offered to a patient, each with the gap that will serve it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from dispatch.planning.insertion import Gaps, Place
from dispatch.planning.problem import Request
from dispatch.planning.rules import patient_is_free


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


def offers(gaps: Gaps, request: Request, starts: Iterable[int], width: int) -> tuple[Offer, ...]:
    """At most one offer per start, of least detour, ascending by start.

    A start counts where it is not past and its window of ``width`` seconds lies inside the
    request's [earliest, latest].
    """
    first, last = max(request.earliest, gaps.now), request.latest - width
    return _offers(gaps, request, [start for start in starts if first <= start <= last], width)


def choose(gaps: Gaps, request: Request, starts: Iterable[int], width: int) -> Offer | None:
    """The offer of least detour inside a wide, unpromised window, the earliest of equals.

    A window too narrow for any of ``starts`` is tried as it stands. None where nothing fits.
    """
    found = offers(gaps, request, starts, width)
    if not found and request.latest - request.earliest <= width:
        found = _offers(gaps, request, [request.earliest], request.latest - request.earliest)
    return min(found, key=lambda offer: (offer.detour_s, offer.start), default=None)


def _offers(gaps: Gaps, request: Request, starts: list[int], width: int) -> tuple[Offer, ...]:
    free = [start for start in starts if not any(patient_is_free(_within(request, start, width)))]
    ascending = np.unique(np.array(free, dtype=np.int64))
    found = zip(ascending.tolist(), gaps.best(request, ascending, width), strict=True)
    return tuple(_offer(gaps, start, width, place) for start, place in found if place)


def _within(request: Request, start: int, width: int) -> Request:
    return replace(request, earliest=start, latest=start + width)


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
