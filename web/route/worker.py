"""What lets the nurse's phone go on without a connection: a worker, and what it is to keep."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dispatch.domain.clock import service_date
from dispatch.selectors.clock import zone_of
from dispatch.selectors.day_end import visits_of_days
from web.guarding import Visitor
from web.languages import in_their_language, words

ALWAYS = ("/route/", "/route/end", "/route/unkept")
KEPT = ("*.js", "*.css", "*.svg", "route/*.js", "route/*.css")
"""Files below web/static/web that route pages need, seen or imported by one another."""
GREEN, GROUND = "#0a5c57", "#fbfaf8"


@require_safe
@csp_update({"connect-src": [SELF], "script-src": [SELF]})
def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give out the worker from above the pages it serves; it may load from here alone."""
    answer = HttpResponse(_file("route/worker.js").read_bytes(), "text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@in_their_language
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Say how the route looks as an app of its own on a phone."""
    told = words("route_offline")
    icons = [
        {"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        _icon(192, "any"), _icon(512, "any"), _icon(512, "maskable"),
    ]  # fmt: skip
    answer = JsonResponse(
        {
            "id": "/route/", "start_url": "/route/", "scope": "/route/", "display": "standalone",
            "name": told["app"], "short_name": told["app_short"], "lang": get_language(),
            "theme_color": GREEN, "background_color": GROUND, "icons": icons,
        },
        content_type="application/manifest+json",
    )  # fmt: skip
    answer["Cache-Control"] = "no-cache"
    return answer


def keep(request: HttpRequest, visitor: Visitor) -> JsonResponse:
    """Name the pages of today and tomorrow, and the files they need; the version tells when to
    fetch them anew. ``user`` is whose they are, ``proof`` what her phone sends events with."""
    today = service_date(visitor.now, zone_of(visitor.by.market_id))
    days = (today, today + timedelta(days=1))
    visits = visits_of_days(visitor.by, days)
    files = _digests()
    state = repr((visitor.language, days, visits, sorted(files.items())))
    return JsonResponse(
        {
            "user": str(visitor.by.user_id),
            "proof": get_token(request),
            "version": hashlib.sha256(state.encode()).hexdigest(),
            "visits": [str(visit_id) for visit_id, _ in visits],
            "pages": [
                *ALWAYS,
                *(f"/route/?date={day}" for day in days),
                *(f"/route/visits/{visit_id}" for visit_id, _ in visits),
            ],
            "files": list(files),
        }
    )


def unkept(request: HttpRequest, visitor: Visitor) -> HttpResponse:  # noqa: ARG001
    """Shown by the worker for an address that the phone has not kept."""
    return render(request, "web/route/unkept.html", {"words": words("route_unkept")})


def _icon(size: int, purpose: str) -> dict[str, str]:
    name = f"web/route/icon-{size}{'-maskable' if purpose == 'maskable' else ''}.png"
    return {
        "src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose,
    }  # fmt: skip


@cache
def _digests() -> dict[str, str]:
    """The addresses of the files, each with a digest of what it holds."""
    room = _file("screen.css").parent
    found = sorted({path for pattern in KEPT for path in room.glob(pattern)})
    return {
        static(f"web/{path.relative_to(room)}"): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name != "worker.js"
    }


def _file(name: str) -> Path:
    """Return where a static file of the screens lies. Raises FileNotFoundError."""
    found = finders.find(f"web/{name}")
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found)
