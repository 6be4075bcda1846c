"""The messages of a day, the words of one of them, and sending one again that was given up."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.channels import Language
from dispatch.domain.clock import service_date
from dispatch.domain.messages import Kind
from dispatch.domain.people import Role
from dispatch.selectors.clock import zone_of
from dispatch.selectors.message_day import MOST, MessageDay, Place, Progress, messages_on
from dispatch.selectors.message_words import message_words
from dispatch.services.dead_letters import send_again
from web.guarding import Visitor
from web.languages import words
from web.messages.asked import Asked, asked_in, named
from web.messages.telling import MARKS, PAGE, StateTold, line_told
from web.messages.writing import words_told
from web.of_messages import of_message

A_DAY = timedelta(days=1)
FIRST = UUID(int=0)
SEE_OTHER = 303


def day(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what went out on a day, and what is to."""
    zone, language = zone_of(visitor.by.market_id), Language(visitor.language[:2])
    asked = asked_in(request.GET, visitor.now, zone)
    found = messages_on(
        visitor.by, asked.day, progress=asked.progress, kind=asked.kind, after=asked.after
    )
    today = service_date(visitor.now, zone)
    now = named(Place(visitor.now, FIRST))
    told = words(PAGE)
    context = {
        "words": told,
        "asked": asked,
        "today": today,
        "zone": zone,
        "before": asked.address(date=(asked.day - A_DAY).isoformat()),
        "after": asked.address(date=(asked.day + A_DAY).isoformat()),
        "to_today": asked.address(date=today.isoformat()),
        "from_start": asked.address() if asked.after else "",
        "from_now": asked.address(after=now) if asked.day == today else "",
        "then": asked.address(after=named(found.then)) if found.then else "",
        "most": told["most"].format(most=MOST),
        "lines": [line_told(one, zone, language) for one in found.lines],
        "states": _states(asked, found),
        "kinds": [(one.value, of_message(f"message__{one.value}")) for one in Kind],
        "acts": visitor.by.role is Role.DISPATCHER,
        "done": told["done_again"] if request.GET.get("done") == "again" else "",
    }
    return render(request, "web/messages/day.html", context)


def text(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:
    """Show the very words of one message, for its line in the day."""
    zone, language = zone_of(visitor.by.market_id), Language(visitor.language[:2])
    found = message_words(visitor.by, message_id, now=visitor.now)
    context = {"words": words(PAGE), "told": words_told(found, zone, language)}
    return render(request, "web/messages/text.html", context)


def again(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:
    """Send one again that was given up, and show what was shown before."""
    asked = asked_in(request.POST, visitor.now, zone_of(visitor.by.market_id))
    send_again(message_id, by=visitor.by, now=visitor.now)
    return HttpResponseRedirect(f"/messages/{asked.address(done='again')}", status=SEE_OTHER)


def _states(asked: Asked, found: MessageDay) -> list[StateTold]:
    told = words(PAGE)
    every = StateTold(
        "", told["all"], sum(found.counts.values()), asked.address(state=None),
        chosen=asked.progress is None, code="",
    )  # fmt: skip
    return [every] + [
        StateTold(
            MARKS[one], told[f"progress__{one}"], found.counts.get(one, 0),
            asked.address(state=one.value), chosen=asked.progress is one, code=one.value,
        )
        for one in Progress
    ]  # fmt: skip
