"""Pages in the languages that messages are written in: one file of each for each language."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_from_request, override

WORDS = Path(__file__).parent / "words"


def shown(
    request: HttpRequest, name: str, language: str, status: int = 200, **context: object
) -> HttpResponse:
    """Return the page ``name`` in the language, e.g. ``es``."""
    with override(language):
        return render(request, f"web/{language}/{name}.html", context, status=status)


@cache
def all_words(language: str) -> dict[str, dict[str, str]]:
    """Return what the pages of sign-in say in a language, by page."""
    told: dict[str, dict[str, str]] = json.loads((WORDS / f"{language}.json").read_text())
    return told


def words(page: str) -> dict[str, str]:
    """Return what a page says in the language it is shown in, and what all of them say."""
    told = all_words((get_language() or "en")[:2])
    return told["every"] | told.get(page, {})


def in_their_language(page: Callable[..., Any]) -> Callable[..., Any]:
    """Show a page in the language that the browser asks for, English where it asks for none."""

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with override(get_language_from_request(request)):
            answer = page(request, *args, **kwargs)
            return answer.render() if hasattr(answer, "render") else answer

    return wrapped
