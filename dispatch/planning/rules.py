"""The rules a visit on a route must keep: each yields what it finds broken, in whole numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dispatch.planning.problem import Credential, Nurse, Request, Shift, Stop

Span = tuple[int, int]
"""A stretch of time: from, and up to but not including, in epoch seconds."""

ORDER = (
    "bookable_hours",
    "licensed_in_state",
    "certified",
    "asked_nurse",
    "patient_is_free",
    "supervised",
    "within_shift",
    "arrives_in_window",
    "next_visit_on_time",
    "not_in_the_past",
)


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule: its stable code, whom or what it concerns, and by how much.

    ``subject`` is a state, a certificate's code, an id as text, or empty.
    ``amount`` is in seconds and above zero; ``asked_nurse`` always counts 1.
    """

    rule: str
    subject: str
    amount: int


def in_the_way(first: Sequence[str | None]) -> dict[str, int]:
    """How many shifts fall to which rule, most first; ``nobody_on_shift`` where there is no shift.

    Give the first rule that each shift breaks, None for one that breaks none.
    """
    if not first:
        return {"nobody_on_shift": 1}
    return dict(Counter(rule for rule in first if rule is not None).most_common())


def weight(breaches: Iterable[Breach]) -> tuple[int, int]:
    """How much is broken: the number of rules, then of seconds."""
    amounts = [breach.amount for breach in breaches]
    return (len(amounts), sum(amounts))


def valid_spans(credentials: Iterable[Credential], code: str) -> tuple[Span, ...]:
    """When a code is held, ascending; a renewal that begins where the old one ends is one span."""
    merged: list[Span] = []
    for begin, end in sorted((c.valid_from, c.valid_until) for c in credentials if c.code == code):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return tuple(merged)


def qualified_spans(nurse: Nurse, state: str, certificates: Iterable[str]) -> tuple[Span, ...]:
    """When the nurse holds the state's licence and every certificate at once, ascending.

    A visit may be given to her iff one span holds all of it: ``begin >= from`` and
    ``end <= until``, exactly where ``licensed_in_state`` and ``certified`` yield nothing.
    """
    spans = valid_spans(nurse.licences, state)
    for code in certificates:
        spans = _common(spans, valid_spans(nurse.certificates, code))
    return spans


def licensed_in_state(nurse: Nurse, request: Request) -> Iterator[Breach]:
    """The licence of the patient's state holds from the earliest start to the latest end."""
    yield from _held("licensed_in_state", nurse.licences, request.state, request)


def certified(nurse: Nurse, request: Request) -> Iterator[Breach]:
    """Every certificate holds from the earliest start to the latest end of the visit."""
    for code in sorted(request.certificates):
        yield from _held("certified", nurse.certificates, code, request)


def asked_nurse(nurse: Nurse, request: Request) -> Iterator[Breach]:
    """Where the patient was promised a nurse, it is this one."""
    if request.nurse is not None and nurse.id != request.nurse:
        yield Breach("asked_nurse", str(request.nurse), 1)


def bookable_hours(
    request: Request, starts: Iterable[int], width: int, now: int
) -> Iterator[Breach]:
    """Inside a wide, unpromised window some window of ``width`` may still be promised.

    The amount is how far the nearest of those at ``starts`` stands out of it. A window no wider
    than ``width`` is promised as it stands, and one gone by is broken by ``not_in_the_past``.
    """
    if request.latest - request.earliest > width and request.latest >= now:
        left = (outside(request, start, width) for start in starts if start >= now)
        away = min(left, default=request.latest - request.earliest)
        if away > 0:
            yield Breach("bookable_hours", "", away)


def outside(request: Request, start: int, width: int) -> int:
    """By how many seconds [start, start + width] stands out of the window; not above 0 inside."""
    return max(request.earliest - start, start + width - request.latest)


def patient_is_free(request: Request) -> Iterator[Breach]:
    """No other visit of the patient may be going on anywhere between window and latest end.

    Wherever inside their windows two visits are re-timed, they stay apart.
    """
    begin, end = request.earliest, request.latest + request.service
    for taken_from, taken_until in request.busy:
        if begin < taken_until and taken_from < end:
            shared = min(end, taken_until) - max(begin, taken_from)
            yield Breach("patient_is_free", "", max(1, shared))


def supervised(request: Request) -> Iterator[Breach]:
    """A clinician can watch the infusion anywhere between its earliest begin and latest end.

    Wherever inside their windows visits are re-timed, no more go on at once than may.
    """
    begin, end = infusing(request)
    for full_from, full_until in request.full:
        if begin < full_until and full_from < end:
            shared = min(end, full_until) - max(begin, full_from)
            yield Breach("supervised", "", max(1, shared))


def infusing(request: Request) -> Span:
    """When the infusion may be going on, wherever in its window the visit begins."""
    return request.earliest + request.infusion[0], request.latest + request.infusion[1]


def window_is_free(request: Request) -> Iterator[Breach]:
    """All that can be said of the window alone, whoever comes, in rule order."""
    yield from patient_is_free(request)
    yield from supervised(request)


def window_edges(request: Request) -> Iterator[int]:
    """Where a window of the same width begins that just escapes what others take, before or after.

    The nearest that ``window_is_free`` is the request's own, the bound of a search, or one of them.
    """
    width = request.latest - request.earliest
    for taken_from, taken_until in request.busy:
        yield taken_from - width - request.service
        yield taken_until
    for full_from, full_until in request.full:
        yield full_from - width - request.infusion[1]
        yield full_until - request.infusion[0]


def qualification(nurse: Nurse, request: Request) -> Iterator[Breach]:
    """All that can be said of nurse and visit before any route is looked at, in rule order."""
    yield from licensed_in_state(nurse, request)
    yield from certified(nurse, request)
    yield from asked_nurse(nurse, request)


def before_any_route(nurse: Nurse, request: Request) -> Iterator[Breach]:
    """The same, and what can be said of the window alone."""
    yield from qualification(nurse, request)
    yield from window_is_free(request)


def within_shift(shift: Shift, home: int) -> Iterator[Breach]:
    """The nurse is home (arriving at ``home``) by the end of the shift."""
    if home > shift.end:
        yield Breach("within_shift", str(shift.id), home - shift.end)


def arrives_in_window(stop: Stop, start: int) -> Iterator[Breach]:
    """Service starts no later than the window allows."""
    if start > stop.latest:
        yield Breach("arrives_in_window", str(stop.id), start - stop.latest)


def next_visit_on_time(stop: Stop, start: int) -> Iterator[Breach]:
    """A visit already on the route is not pushed out of its window."""
    if start > stop.latest:
        yield Breach("next_visit_on_time", str(stop.id), start - stop.latest)


def not_in_the_past(stop: Stop, now: int) -> Iterator[Breach]:
    """The window has not closed before now."""
    if stop.latest < now:
        yield Breach("not_in_the_past", str(stop.id), now - stop.latest)


def _common(left: tuple[Span, ...], right: tuple[Span, ...]) -> tuple[Span, ...]:
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted(span for span in both if span[0] < span[1]))


def _held(
    rule: str, credentials: Iterable[Credential], code: str, request: Request
) -> Iterator[Breach]:
    """A route may be re-timed inside the window, so the latest end is what must be covered."""
    begin, end = request.earliest, request.latest + request.service
    spans = valid_spans(credentials, code)
    if not any(a <= begin and end <= b for a, b in spans):
        covered = max((min(b, end) - max(a, begin) for a, b in spans), default=0)
        yield Breach(rule, code, max(1, end - begin - max(0, covered)))
