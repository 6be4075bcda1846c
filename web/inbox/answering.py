"""Shows a page by the market's clocks, and leads on once a form has been carried out."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from dispatch.selectors.clock import zone_of
from web.guarding import Visitor
from web.languages import words

SEE_OTHER, NO_CONTENT = 303, 204


def show(request: HttpRequest, visitor: Visitor, name: str, **context: object) -> HttpResponse:
    """Show a page of the room; what was done just before is told at its top."""
    told = words("inbox")
    done = told.get(f"done_{request.GET.get('done', '')}", "")
    with timezone.override(ZoneInfo(zone_of(visitor.by.market_id))):
        return render(request, f"web/inbox/{name}.html", {"words": told, "done": done, **context})


def lead(request: HttpRequest, to: str, done: str, treatment: UUID | None = None) -> HttpResponse:
    """Lead to a page that says what was done; a script is told where, and goes there itself."""
    query = {"done": done} | ({} if treatment is None else {"treatment": str(treatment)})
    address = f"{to}?{urlencode(query)}"
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(address, status=SEE_OTHER)
    answer = HttpResponse(status=NO_CONTENT)
    answer["HX-Redirect"] = address
    return answer


def treatment_in(said: str | None) -> UUID | None:
    """Return the treatment that an address or a form names; None for what is no id."""
    try:
        return UUID(said or "")
    except ValueError:
        return None
