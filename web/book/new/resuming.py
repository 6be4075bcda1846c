"""The way back to a booking that was left: to the time that is held, or to the next question."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from dispatch.domain.errors import NotFound
from dispatch.selectors.own_visits import OwnHold
from web.book.new.address import Chosen, How, WayConverter
from web.book.new.held import COMPANION
from web.book.new.way import way_of
from web.guarding import Visitor

WAY = "book_new_way"
"""Under this name the session keeps where and for what questions were last answered: ids alone."""


def remember(request: HttpRequest, chosen: Chosen) -> None:
    """Keep the way on which a question was answered."""
    request.session[WAY] = WayConverter().to_url(chosen)


def to_held(request: HttpRequest, hold: OwnHold) -> str:
    """Return the step that is next for what is held: past the companion once one was chosen."""
    how = How.SERIES if hold.is_series else How.VISIT
    first = "held" if hold.is_series else "companion"
    step = "consent" if COMPANION in request.session else first
    chosen = Chosen(hold.location, hold.protocol, how)
    return reverse(f"book_new_{step}", kwargs={"chosen": chosen, "held_id": hold.id})


def to_questions(request: HttpRequest, visitor: Visitor) -> str:
    """Return where the next question is asked; the beginning where that is not known any more."""
    kept = request.session.get(WAY)
    try:
        if kept is not None:
            return way_of(visitor, WayConverter().to_python(kept)).to("questions")
    except NotFound:
        del request.session[WAY]
    return reverse("book_new")
