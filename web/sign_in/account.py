"""One's own account: second factors, the sign-ins that run, and ending them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.views import PasswordChangeView
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from dispatch.domain.errors import NotFound
from dispatch.models.clock import database_now
from dispatch.selectors.clock import market_now
from dispatch.selectors.sessions import sessions_of, sign_ins_of
from dispatch.services.sessions import end_session, end_tokens
from web.languages import words
from web.people import actor_of, missing_step, user_of
from web.sign_in.factors import factors_of
from web.sign_in.notices import notice


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show what protects the account, and where it is signed in."""
    user = user_of(request)
    if user is None:
        return HttpResponseRedirect("/")
    now = database_now()
    context = {
        "words": words("account"),
        "factors": factors_of(user),
        "must_enrol": missing_step(request, user) is not None,
        "sessions": sessions_of(user.id, request.session.session_key, now=now),
        "sign_ins": sign_ins_of(user.id),
        "identities": SocialAccount.objects.filter(user_id=user.id).count(),
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
    }
    return render(request, "web/sign_in/account.html", context)


@login_required
@require_POST
def end(request: HttpRequest, kind: str, row_id: UUID) -> HttpResponse:
    """End one of one's own sign-ins: of a browser, or of a program."""
    user = user_of(request)
    if user is None:
        return HttpResponseRedirect("/")
    by = actor_of(user)
    now = market_now(by.market_id)
    try:
        if kind == "session":
            end_session(row_id, by=by, now=now)
        else:
            end_tokens(row_id, by=by, at=database_now(), now=now)
    except NotFound:
        return notice(request, "nothing_here", status=404)
    return HttpResponseRedirect("/account")


class OwnPassword(PasswordChangeView):  # type: ignore[misc]  # comes without types
    """Changes a password; who signs in by the provider alone has none, and stays where they are."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = user_of(request)
        if user is not None and not user.has_usable_password():
            return HttpResponseRedirect("/account")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer
