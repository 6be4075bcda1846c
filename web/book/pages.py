"""The patients' screen: what is next in one glance, then all visits and series."""

from django.http import HttpRequest, HttpResponse

from dispatch.selectors.own_visits import own_visits
from web.book.forms import language_of, shown
from web.book.new.resuming import to_held, to_questions
from web.guarding import Visitor


def book(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the screen."""
    seen = own_visits(visitor.by, language_of(visitor), now=visitor.now)
    context = {
        "seen": seen,
        "held": [(hold, to_held(request, hold)) for hold in seen.holds],
        "to_questions": to_questions(request, visitor) if seen.answering else "",
        "office_phone": seen.office_phone,
    }
    return shown(request, "book", context)
