"""The dispatchers' board: the whole screen, and the day alone, which it asks for every second."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response

from dispatch.domain.clock import service_date
from dispatch.domain.errors import Invalid
from dispatch.domain.visit import ON_ROUTE, Status
from dispatch.selectors.board import board_of
from dispatch.selectors.clock import zone_of
from dispatch.selectors.people import patient_names
from dispatch.selectors.pulse import pulse_of
from web.board.showing import Shown, patients_on, shown
from web.guarding import Visitor
from web.languages import words

A_DAY = timedelta(days=1)
LEGEND = [status.value for status in Status if status in ON_ROUTE]
FIRST_YEAR, LAST_YEAR = 2000, 2200


def board(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the screen."""
    zone = zone_of(visitor.by.market_id)
    asked = _asked(request, visitor, zone)
    context = {
        "words": words("board"),
        "mark": _mark(visitor, asked),
        "board": _read(visitor, asked, zone),
        "date": asked,
        "before": asked - A_DAY,
        "after": asked + A_DAY,
        "today": service_date(visitor.now, zone),
        "states": LEGEND,
    }
    return render(request, "web/board/board.html", context)


def day(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the day alone, or say that it is as it was when the browser was given its mark."""
    zone = zone_of(visitor.by.market_id)
    asked = _asked(request, visitor, zone)
    mark = _mark(visitor, asked)
    same = get_conditional_response(request, etag=mark)
    if same is not None:
        return same
    context = {"words": words("board"), "mark": mark, "board": _read(visitor, asked, zone)}
    answer = render(request, "web/board/day.html", context)
    answer["ETag"] = mark
    return answer


def _asked(request: HttpRequest, visitor: Visitor, zone: str) -> date:
    """Return the day in the address, today where there is none. Raises Invalid."""
    text = request.GET.get("date", "")
    if not text:
        return service_date(visitor.now, zone)
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = date.min
    if not FIRST_YEAR <= asked.year <= LAST_YEAR:
        raise Invalid({"date": words("board")["date_unreadable"]})
    return asked


def _mark(visitor: Visitor, asked: date) -> str:
    """Taken before the day is read: what changes meanwhile is asked for again."""
    pulse = pulse_of(visitor.by.market_id, asked, now=visitor.now)
    return f'"{pulse}-{visitor.language}"'


def _read(visitor: Visitor, asked: date, zone: str) -> Shown:
    found = board_of(visitor.by.market_id, asked, now=visitor.now)
    return shown(found, patient_names(visitor.by, patients_on(found)), zone)
