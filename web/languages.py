"""Pages in the languages that messages are written in: a folder of words for each language."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_from_request, override

from dispatch.domain.people import Actor, Role
from dispatch.models import Patient

WORDS = Path(__file__).parent / "words"


def shown(
    request: HttpRequest, name: str, language: str, status: int = 200, **context: object
) -> HttpResponse:
    """Return the page ``name`` in the language, e.g. ``es``."""
    with override(language):
        return render(request, f"web/{language}/{name}.html", context, status=status)


@cache
def all_words(language: str) -> dict[str, dict[str, str]]:
    """Return what the pages say in a language, by page: each file holds the pages of a room.

    Raises ValueError for a page that two files tell of.
    """
    told: dict[str, dict[str, str]] = {}
    for file in sorted((WORDS / language).glob("*.json")):
        pages: dict[str, dict[str, str]] = json.loads(file.read_text())
        if twice := told.keys() & pages.keys():
            raise ValueError(f"{file.name} tells again of {sorted(twice)}")
        told |= pages
    return told


def words(page: str) -> dict[str, str]:
    """Return what a page says in the language it is shown in, and what all of them say."""
    told = all_words((get_language() or "en")[:2])
    return told["every"] | told.get(page, {})


def language_for(request: HttpRequest, by: Actor) -> str:
    """Return the language somebody chose, else a patient's own, else the browser's."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    if not chosen and by.role is Role.PATIENT and by.person_id is not None:
        own = Patient.objects.filter(id=by.person_id).values_list("language", flat=True).first()
        if own:
            return own
    return get_language_from_request(request)


def in_their_language(page: Callable[..., Any]) -> Callable[..., Any]:
    """Show a page in the language that was chosen or that the browser asks for."""

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with override(get_language_from_request(request)):
            answer = page(request, *args, **kwargs)
            return answer.render() if hasattr(answer, "render") else answer

    return wrapped
