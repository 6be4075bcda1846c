"""A page that only says something, and where to go from there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.languages import words


def notice(request: HttpRequest, name: str, *, status: int = 200) -> HttpResponse:
    """Return the page ``name`` of the words, in the language that is being spoken."""
    return render(request, "web/sign_in/notice.html", {"words": words(name)}, status=status)
