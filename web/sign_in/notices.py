"""A page that only says something, and where to go from there."""

from math import ceil

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.languages import words

MINUTE_S = 60


def notice(request: HttpRequest, name: str, *, status: int = 200, **more: object) -> HttpResponse:
    """Return the page ``name`` of the words, in the language that is being spoken."""
    context = {"words": words(name)} | more
    return render(request, "web/sign_in/notice.html", context, status=status)


def locked_out(request: HttpRequest, retry_after_s: int) -> HttpResponse:
    """Say in how many minutes to come back to who has tried too often."""
    minutes = ceil(retry_after_s / MINUTE_S)
    answer = notice(request, "locked_out", status=429, minutes=minutes)
    answer["Retry-After"] = str(retry_after_s)
    return answer
