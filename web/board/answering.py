"""How the board answers to what a dispatcher does to a visit: done, or somebody was faster."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from dispatch.domain.errors import Conflict, Invalid
from web.board.inspecting import context_of
from web.board.telling import said
from web.guarding import Visitor

LONGEST_REASON = 4000
STALE = "stale"
MADE_ANEW = frozenset({"version", "csrfmiddlewaretoken"})
"""Fields that the form has of itself when it is sent once more."""


def changed(request: HttpRequest, visitor: Visitor, visit_id: UUID, done: str) -> HttpResponse:
    """Show the visit as it is now and what was done; the board looks anew, dialogs close."""
    context = context_of(visitor, visit_id) | {"done": done}
    answer = render(request, "web/board/changed.html", context)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#inspector", "innerHTML"
    return trigger_client_event(answer, "board:refresh")


def conflict(
    request: HttpRequest, visitor: Visitor, visit_id: UUID, refusal: Conflict, wanted: str
) -> HttpResponse:
    """Show what was wanted beside what is there now, where somebody was faster; raise all else.

    Everything that was sent is kept in the form, which can be sent once more as things are now.
    """
    if refusal.code != STALE:
        raise refusal
    kept = [(name, text) for name, text in request.POST.items() if name not in MADE_ANEW]
    context = context_of(visitor, visit_id) | {
        "wanted": wanted,
        "kept": kept,
        "address": request.path,
    }
    return in_dialog(render(request, "web/board/conflict.html", context, status=409))


def in_dialog(answer: HttpResponse) -> HttpResponse:
    """Show the answer in a dialog over the board, wherever it was asked from."""
    answer["HX-Retarget"], answer["HX-Reswap"] = "#dialogs", "innerHTML"
    return answer


def reason_in(request: HttpRequest, *, needed: bool = True) -> str:
    """Return the reason that was given. Raises Invalid."""
    reason = str(request.POST.get("reason", "")).strip()
    if (needed and not reason) or len(reason) > LONGEST_REASON:
        raise Invalid({"reason": said("reason_needed")})
    return reason


def version_in(request: HttpRequest) -> int:
    """Return the version of the visit that the dispatcher had before them. Raises Invalid."""
    text = str(request.POST.get("version", ""))
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - of an int
        raise Invalid({"version": said("version_needed")})
    return int(text)


def uuid_in(request: HttpRequest, name: str) -> UUID:
    """Return the id that a form or an address names. Raises Invalid."""
    sent = request.POST if request.method == "POST" else request.GET
    try:
        return UUID(str(sent.get(name, "")))
    except ValueError as fault:
        raise Invalid({name: said("not_an_id")}) from fault
