"""The front page, which chooses by role, and where the link in a patient's message leads."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dispatch.domain.people import Role
from web.languages import in_their_language, words
from web.people import user_of

SCREEN_OF = {
    Role.PATIENT: "/book/",
    Role.NURSE: "/route/",
    Role.DISPATCHER: "/board/",
    Role.ADMINISTRATOR: "/office/",
    Role.PRESCRIBER: "/inbox/",
}


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the screen of one's role, or to sign in."""
    user = user_of(request)
    screen = None if user is None else SCREEN_OF.get(Role(user.role), "/account")
    return HttpResponseRedirect(screen or "/sign-in")


@in_their_language
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Say nothing about the visit to whoever has the link: its page asks for a sign-in first."""
    return render(request, "web/visit.html", {"words": words("link"), "visit_id": visit_id})
