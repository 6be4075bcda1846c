"""The front page, which chooses by role, and where the link in a patient's message leads."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dispatch.domain.people import Role
from web.languages import in_their_language, words
from web.people import Page, for_roles, user_of

SCREEN_OF = {
    Role.PATIENT: "/book/",
    Role.NURSE: "/route/",
    Role.DISPATCHER: "/board/",
    Role.ADMINISTRATOR: "/board/",
    Role.PRESCRIBER: "/account",
}
"""Prescribers work through the programs of their practice; here they look after their account."""


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the screen of one's role, or to sign in."""
    user = user_of(request)
    screen = None if user is None else SCREEN_OF.get(Role(user.role), "/account")
    return HttpResponseRedirect(screen or "/sign-in")


def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Say nothing about the visit to whoever has the link: the app asks for a sign-in first."""
    return render(request, "web/visit.html")


def _screen(name: str, *roles: Role) -> Page:
    @require_safe
    @for_roles(*roles)
    @in_their_language
    def screen(request: HttpRequest) -> HttpResponse:
        return render(request, "web/sign_in/screen.html", {"words": words(name)})

    return screen


book = _screen("book", Role.PATIENT)
route = _screen("route", Role.NURSE)
board = _screen("board", Role.DISPATCHER, Role.ADMINISTRATOR)
