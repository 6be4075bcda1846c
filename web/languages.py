"""Pages for people who hold a link: one file for each language that messages are written in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override


def shown(
    request: HttpRequest, name: str, language: str, status: int = 200, **context: object
) -> HttpResponse:
    """Return the page ``name`` in the language, e.g. ``es``."""
    with override(language):
        return render(request, f"web/{language}/{name}.html", context, status=status)
