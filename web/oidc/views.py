"""To the provider and back; whatever goes wrong on the way ends in a page that says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import requests
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from web.oidc.adapter import Adapter
from web.sign_in.notices import notice

View = Callable[[HttpRequest], HttpResponse]


def guarded(view: View) -> View:
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            return notice(request, "nothing_here", status=404)
        try:
            return view(request)
        except (OAuth2Error, requests.RequestException, ValueError):
            return notice(request, "provider_failed", status=502)

    return wrapped


@guarded
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider; to bind an identity, only who was just asked again.

    It has us ask the provider, so an address may do it so often; then TooMany.
    """
    if request.method != "POST":
        return HttpResponseRedirect("/sign-in")
    if request.POST.get("process") == AuthProcess.CONNECT:
        raise_if_reauthentication_required(request, app="allauth.socialaccount")
    take("sign_in_address", address_of(request))
    answer: HttpResponse = OAuth2LoginView.adapter_view(Adapter(request))(request)
    return answer


@guarded
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer."""
    answer: HttpResponse = OAuth2CallbackView.adapter_view(Adapter(request))(request)
    return answer


def closed(request: HttpRequest) -> HttpResponse:
    """Say that this account is closed to whoever proved by another way that it is theirs."""
    return notice(request, "account_closed", status=403)
