"""A whole series: what is wished for, held together, or what can be had instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict

from dispatch.domain.channels import Language
from dispatch.domain.clock import service_date
from dispatch.domain.errors import Conflict, DispatchError, Invalid
from dispatch.domain.series import Continuity, Wish, phase_of
from dispatch.domain.texts import window
from dispatch.selectors.held import standing_series
from dispatch.selectors.people import nurses_of
from dispatch.services.series import give_back_series, hold_series
from web.book.new.way import Way, onward, shown
from web.guarding import Visitor
from web.languages import words
from web.refusals import said_of

NOON = time(12)
LONGEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Instead:
    """A series that can be held where the one that was asked for cannot."""

    told: str
    windows: tuple[str, ...]
    fields: dict[str, str]


def series_page(request: HttpRequest, visitor: Visitor, way: Way) -> HttpResponse:
    """Ask when it suits, hold all infusions together, or show what can be had instead."""
    held = standing_series(visitor.by, way.location.id, way.protocol.code, now=visitor.now)
    if request.method != "POST":
        to_held = held and way.to("held", held_id=held)
        return _shown(request, visitor, way, held=held, to_held=to_held)
    if held is not None and "again" not in request.POST:
        return onward(way.to("held", held_id=held))
    try:
        wish = _wish(request.POST, way)
        if held is not None:
            give_back_series(held, by=visitor.by, now=visitor.now)
        held_id = hold_series(
            location_id=way.location.id,
            protocol_code=way.protocol.code,
            wish=wish,
            by=visitor.by,
            now=visitor.now,
        )
    except (Conflict, Invalid) as refusal:
        again = standing_series(visitor.by, way.location.id, way.protocol.code, now=visitor.now)
        if again is not None and isinstance(refusal, Conflict):
            return onward(way.to("held", held_id=again))
        return _shown(request, visitor, way, refusal=refusal, sent=request.POST)
    return onward(way.to("held", held_id=held_id))


def _shown(
    request: HttpRequest,
    visitor: Visitor,
    way: Way,
    refusal: DispatchError | None = None,
    **more: Any,
) -> HttpResponse:
    phase = phase_of(way.protocol, None)
    facts = refusal.facts.get("alternatives", ()) if refusal else ()
    return shown(
        request,
        "series",
        "times",
        way=way,
        phase=phase,
        today=service_date(visitor.now, way.location.zone),
        alternatives=[_instead(one, Language(visitor.language)) for one in facts],
        nurses=sorted(nurses_of(visitor.by), key=lambda nurse: nurse.name),
        waiting=way.to("waiting"),
        refusal=refusal,
        **more,
    )


def _instead(fact: dict[str, Any], language: Language) -> Instead:
    """What differs, in the reader's words, and the fields that ask for it."""
    pattern, told = fact["pattern"], words("book_new")[f"instead_{fact['change']}"]
    windows = [
        window(
            datetime.fromisoformat(one["start"]),
            datetime.fromisoformat(one["window_end"]),
            language,
        )
        for one in fact["infusions"]
    ]
    gaps, hours = pattern["gap_days"], pattern["hours"]
    fields = {
        "count": str(pattern["count"]),
        "least": str(gaps["min"]),
        "most": str(gaps["max"]),
        "first_day": pattern["first_day"],
        "nurse": pattern["nurse"] or "",
        "continuity": pattern["continuity"],
        "hours": "" if hours is None else "morning" if hours["end"] <= "12:00" else "afternoon",
    }
    shown_facts = {"count": pattern["count"], "least": gaps["min"], "most": gaps["max"]}
    return Instead(told.format(**shown_facts), tuple(windows), fields)


def _wish(sent: QueryDict, way: Way) -> Wish:
    """Read the form; raises Invalid for what is no day, number or nurse."""
    try:
        least, most = _number(sent.get("least")), _number(sent.get("most"))
        day, nurse = sent.get("first_day"), sent.get("nurse")
        continuity = sent.get("continuity")
        return Wish(
            count=_number(sent.get("count")),
            gap_days=None if least is None or most is None else (least, most),
            first_day=date.fromisoformat(day) if day else None,
            hours=_hours(sent.get("hours", ""), way),
            nurse=UUID(nurse) if nurse else None,
            continuity=Continuity(continuity) if continuity else None,
        )
    except ValueError as fault:
        raise Invalid({"pattern": said_of("unreadable")}) from fault


def _hours(sent: str, way: Way) -> tuple[time, time] | None:
    booking = way.protocol.booking
    return {
        "morning": (booking.first_start, NOON),
        "afternoon": (NOON, time.max),
    }.get(sent)


def _number(sent: str | None) -> int | None:
    return int(sent[:LONGEST_NUMBER]) if sent else None
