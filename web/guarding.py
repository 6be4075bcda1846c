"""A page behind sign-in: who may open it, in which language, what it refuses, and who looked.

``page`` puts all of that around a view as its row in web/policy.py says, so that no view has to
think of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import override
from django.views.decorators.cache import never_cache

from dispatch import audit, tenancy
from dispatch.domain.errors import DispatchError, NotFound
from dispatch.domain.people import Actor, Role
from dispatch.domain.whose import Who, pass_of, reach_of
from dispatch.selectors.clock import market_now
from web.languages import language_for
from web.people import actor_of, missing_step, user_of
from web.policy import NEEDED_AT_THE_BED, NOTHING_PERSONAL, PAGES
from web.refusals import refused

log = logging.getLogger(__name__)

OK, LOOKS = 200, frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is before the screen, and the present instant of their market."""

    by: Actor
    now: datetime
    language: str


Page = Callable[..., HttpResponse]


def page(address: str, view: Page, name: str | None = None) -> URLPattern:
    """Route an address to ``view(request, visitor, **parts of the address)`` for whom its row
    lets in: others are sent to sign in, to show a second factor, or to their own screen.

    Only the market of whoever is signed in is seen. What the business refuses is told in words.
    Raises KeyError for an address without a row.
    """
    rows = PAGES[address]

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in rows:
            return HttpResponseNotAllowed(sorted(rows))
        user = user_of(request)
        if user is None:
            return _go("account_login", request)
        with tenancy.within(user.market_id):
            if (missing := missing_step(request, user)) is not None:
                return _go(missing, request)
            by = actor_of(user)
            visitor = Visitor(by, market_now(by.market_id), language_for(request, by))
            with override(visitor.language):
                return _answered(address, view, request, visitor, rows[method], parts)

    return path(address, guarded, name=name)


def _answered(
    address: str,
    view: Page,
    request: HttpRequest,
    visitor: Visitor,
    row: frozenset[Who],
    parts: dict[str, Any],
) -> HttpResponse:
    if pass_of(row) is None and reach_of(row, visitor.by.role) is None:
        audit.deny(visitor.by, f"{request.method} {address}", *_subject(address, parts),
                   now=visitor.now)  # fmt: skip
        return HttpResponseRedirect("/")
    try:
        answer = view(request, visitor, **parts)
    except DispatchError as refusal:
        if isinstance(refusal, NotFound):
            audit.deny(visitor.by, f"{request.method} {address}", *_subject(address, parts),
                       now=visitor.now)  # fmt: skip
        return refused(request, refusal)
    if request.method in LOOKS and answer.status_code == OK and address not in NOTHING_PERSONAL:
        _note(address, visitor, parts)
    return answer


def _note(address: str, visitor: Visitor, parts: dict[str, Any]) -> None:
    """Write down who was shown the page; a nurse at the bed is shown it even if that fails."""
    try:
        audit.read(visitor.by, f"GET {address}", *_subject(address, parts), now=visitor.now)
    except DatabaseError as fault:
        if address not in NEEDED_AT_THE_BED or visitor.by.role is not Role.NURSE:
            raise
        audit.UNWRITTEN.inc()
        facts = {"page": address, "user_id": str(visitor.by.user_id), "fault": type(fault).__name__}
        log.error("a nurse's look is not in the audit trail", extra=facts)  # noqa: TRY400


def _subject(address: str, parts: dict[str, Any]) -> tuple[str, UUID | None]:
    for name, value in parts.items():
        if isinstance(value, UUID):
            return name.removesuffix("_id"), value
    return address.partition("/")[0] or "home", None


def _go(name: str, request: HttpRequest) -> HttpResponse:
    """Lead elsewhere first, then back; a part of a page takes the whole page there."""
    to = f"{reverse(name)}?{urlencode({'next': _whole_page(request)})}"
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = to
        return answer
    return HttpResponseRedirect(to)


def _whole_page(request: HttpRequest) -> str:
    details = getattr(request, "htmx", None)
    return (details and details.current_url_abs_path) or request.path
