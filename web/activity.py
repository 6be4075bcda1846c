"""Counts the time of idleness anew whenever somebody does something."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from web.session_store import SessionStore

BACKGROUND = "X-Background"
"""Sent by what a page asks for on its own, as a board that renews itself: nobody did that."""


class Activity:
    """Middleware, behind the one of sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if isinstance(session, SessionStore) and BACKGROUND not in request.headers:
            session.touch()
        return response
