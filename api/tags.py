"""ETags: what is shown in one word, so that nobody overwrites what they have not seen.

Two people may edit what a tagged door shows. A change under ``matched`` is made only if the tag of
the If-Match header is still the one of what is stored; changes of one thing wait for each other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.domain.errors import Conflict

Door = Callable[..., Response]
ANY = "*"
DIGITS = 24


def tag_of(shown: Any, version: int | None = None) -> str:
    """Return the tag of what a door shows; what has a version begins with it."""
    text = json.dumps(shown, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def tagged(door: Callable[..., Any]) -> Door:
    """Have a door send the tag of what it shows, and 304 to a reader who has it already."""

    @wraps(door)
    def wrapped(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = door(view, request, *args, **kwargs)
        if "ETag" not in answer:
            answer["ETag"] = tag_of(answer.data)
        tag = answer["ETag"]
        if request.method in {"GET", "HEAD"} and tag in tags_in(request, "If-None-Match"):
            return Response(status=304, headers={"ETag": tag})
        return answer

    wrapped.shows_tag = True  # type: ignore[attr-defined]  # api/schema.py asks for it
    return wrapped


def tags_in(request: Request, header: str) -> set[str]:
    """Return the tags that a header lists, without the mark of weak ones."""
    listed = request.headers.get(header, "").split(",")
    return {tag.strip().removeprefix("W/") for tag in listed if tag.strip()}


@contextmanager
def matched(request: Request, name: str, shown: Callable[[], Any]) -> Iterator[None]:
    """Make a change only if what is stored is as the If-Match header has it.

    ``name`` is the thing's own: of all who change it one goes first. Raises Conflict(stale).
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [name])
        expected = tags_in(request, "If-Match")
        if expected and ANY not in expected and tag_of(shown()) not in expected:
            raise Conflict("stale", "This was changed meanwhile.")
        yield
