"""A day of the board as its template writes it: names, clock times, and the span of the axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from dispatch.domain.clock import local
from dispatch.selectors.board import (
    FLAGS,
    Board,
    BoardAside,
    BoardShift,
    BoardUnassigned,
    flags_of,
)
from dispatch.selectors.board_stops import Actual, BoardStop
from dispatch.selectors.visits import VisitLine
from web.languages import words

HOUR = timedelta(hours=1)
USUAL_HOURS = (8, 18)
"""What the axis shows of a day without shifts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of what really happened: ``on_way``, ``at_door``, ``infusion`` or ``recovery``."""

    kind: str
    start: datetime
    end: datetime
    hours: str


@dataclass(frozen=True, slots=True)
class Card:
    """A visit as a button: whose, when in words, and under which exceptions it counts."""

    visit: VisitLine
    who: str
    hours: str
    window: str
    start: datetime
    end: datetime
    flags: tuple[str, ...]
    candidates: int | None = None
    because: tuple[str, ...] = ()
    leave: datetime | None = None
    drive_min: int = 0
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    shift: BoardShift
    hours: str
    away: bool
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """``strip`` is each exception with its count; the axis goes from ``start`` to ``end``."""

    market: UUID
    date: date
    now: datetime
    clock: str
    zone: str
    start: datetime
    end: datetime
    hours: tuple[Hour, ...]
    strip: tuple[tuple[str, int], ...]
    unassigned: tuple[Card, ...]
    aside: tuple[Card, ...]
    rows: tuple[Row, ...]


def patients_on(board: Board) -> Iterator[UUID]:
    """The patients whose names are shown."""
    yield from (one.patient for one in (*board.unassigned, *board.aside))
    yield from (stop.visit.patient for shift in board.shifts for stop in shift.stops)


def shown(board: Board, names: Mapping[UUID, str], zone: str) -> Shown:
    """Return the day by the clocks of ``zone``; ``names`` are those of ``patients_on``."""
    start, end = _span(board, zone)
    return Shown(
        market=board.market,
        date=board.date,
        now=board.now,
        clock=_clock(board.now, zone),
        zone=zone,
        start=start,
        end=end,
        hours=tuple(_hours(start, end, zone)),
        strip=tuple((name, getattr(board.exceptions, name)) for name in FLAGS),
        unassigned=tuple(_waiting(one, names, zone) for one in board.unassigned),
        aside=tuple(_beside(one, names, zone) for one in board.aside),
        rows=tuple(_row(shift, names, zone, board.now) for shift in board.shifts),
    )


def _span(board: Board, zone: str) -> tuple[datetime, datetime]:
    """Whole hours around all shifts and stops."""
    shifts = [one for one in board.shifts if one.start_at < one.end_at]
    stops = [stop for one in board.shifts for stop in one.stops]
    first = [one.start_at for one in shifts] + [stop.leave_at for stop in stops]
    last = [one.end_at for one in shifts] + [stop.end_at for stop in stops]
    if not first:
        noon = datetime(board.date.year, board.date.month, board.date.day, 12, tzinfo=UTC)
        off = local(noon, zone).utcoffset() or timedelta()
        first_hour, last_hour = USUAL_HOURS
        return noon - off + (first_hour - 12) * HOUR, noon - off + (last_hour - 12) * HOUR
    start, end = min(first), max(last)
    begin = start.replace(minute=0, second=0, microsecond=0)
    whole = end.replace(minute=0, second=0, microsecond=0)
    return begin, whole if whole == end else whole + HOUR


def _hours(start: datetime, end: datetime, zone: str) -> Iterator[Hour]:
    at = start
    while at < end:
        here = local(at, zone)
        yield Hour(at, f"{here.hour % 12 or 12} {_half(here)}")
        at += HOUR


def _row(shift: BoardShift, names: Mapping[UUID, str], zone: str, now: datetime) -> Row:
    return Row(
        shift,
        hours=_between(shift.start_at, shift.end_at, zone),
        away=shift.start_at == shift.end_at,
        cards=tuple(_stop(stop, names, zone, now) for stop in shift.stops),
    )


def _stop(stop: BoardStop, names: Mapping[UUID, str], zone: str, now: datetime) -> Card:
    return Card(
        visit=stop.visit,
        who=names[stop.visit.patient],
        hours=_between(stop.start_at, stop.end_at, zone),
        window=_between(stop.visit.window.start, stop.visit.window.end, zone),
        start=stop.start_at,
        end=stop.end_at,
        flags=flags_of(stop),
        leave=stop.leave_at,
        drive_min=round((stop.start_at - stop.leave_at).total_seconds() / 60),
        parts=tuple(_parts(stop.actual, zone, now)),
    )


def _parts(actual: Actual, zone: str, now: datetime) -> Iterator[Part]:
    """Each stretch from one thing that happened to the next, or to now where that is still out."""
    steps = (
        ("on_way", actual.departed_at),
        ("at_door", actual.arrived_at),
        ("infusion", actual.infusion_started_at),
        ("recovery", actual.infusion_ended_at),
        ("", actual.completed_at),
    )
    begun = [(kind, at) for kind, at in steps if at is not None]
    for (kind, at), (_, until) in pairwise((*begun, ("", now))):
        if kind and at < until:
            yield Part(kind, at, until, _between(at, until, zone))


def _waiting(one: BoardUnassigned, names: Mapping[UUID, str], zone: str) -> Card:
    told = words("board")
    return Card(
        visit=one,
        who=names[one.patient],
        hours=_between(one.window.start, one.window.end, zone),
        window="",
        start=one.window.start,
        end=one.window.end,
        flags=flags_of(one),
        candidates=one.candidates,
        because=tuple(told[f"because_{rule}"] for rule in one.unassigned_because or ()),
    )


def _beside(one: BoardAside, names: Mapping[UUID, str], zone: str) -> Card:
    return Card(
        visit=one,
        who=names[one.patient],
        hours=_between(one.window.start, one.window.end, zone),
        window="",
        start=one.window.start,
        end=one.window.end,
        flags=flags_of(one),
    )


def _between(start: datetime, end: datetime, zone: str) -> str:
    """E.g. ``9:00–11:10 AM``, ``11:30 AM–1:40 PM``."""
    first, last = local(start, zone), local(end, zone)
    half = "" if _half(first) == _half(last) else f" {_half(first)}"
    return f"{_face(first)}{half}–{_face(last)} {_half(last)}"


def _clock(at: datetime, zone: str) -> str:
    here = local(at, zone)
    return f"{_face(here)} {_half(here)}"


def _face(here: datetime) -> str:
    return f"{here.hour % 12 or 12}:{here:%M}"


def _half(here: datetime) -> str:
    return words("board")["am" if here.hour < 12 else "pm"]  # noqa: PLR2004 - noon
