"""allauth's pages in our words: each with a template of ours, in the browser's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.generic.base import TemplateResponseMixin, View

from dispatch import tenancy
from dispatch.domain.errors import TooMany
from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from web.languages import in_their_language, words
from web.people import user_of
from web.sign_in.notices import locked_out


class Worded:
    """Adds the words of its page to a view of allauth's."""

    page = ""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**more)  # type: ignore[misc]
        return context | {"words": words(self.page)}


def worded(view: type[View], page: str, template: str = "form") -> Callable[..., Any]:
    """Return the view with the words of ``page`` and one of our templates."""
    if not issubclass(view, TemplateResponseMixin):
        raise TypeError("only a view with a template can be given another")
    kind = type(view.__name__, (Worded, view), {"page": page})
    shown = kind.as_view(template_name=f"web/sign_in/{template}.html")  # type: ignore[attr-defined]
    return ours(shown)


def ours(page: Callable[..., Any]) -> Callable[..., Any]:
    """Show a page about one's own account: never from a cache, before a market is known.

    Who has tried too often is told when to come back. Who is not signed in is counted by address,
    because most of these pages begin a session, which is a row.
    """

    @wraps(page)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if user_of(request) is None:
                take("anonymous", address_of(request))
            return page(request, *args, **kwargs)  # type: ignore[no-any-return]
        except TooMany as refusal:
            return locked_out(request, refusal.retry_after_s)

    return tenancy.everywhere()(never_cache(in_their_language(wrapped)))
