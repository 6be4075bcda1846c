"""Speaks with the provider: its document, its keys, its tokens."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

from web.oidc.tokens import claims_of, nonce_for

ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # comes without types
    """Every failure of the provider is an OAuth2Error."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, "oidc")
        self.nonce = ""

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """The provider's document, which must be of the issuer we were told (Discovery 4.3)."""
        issuer = settings.OIDC_ISSUER
        told = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != issuer:
            raise OAuth2Error("the provider's document is of another issuer")
        if not all(isinstance(told.get(name), str) for name in ADDRESSES):
            raise OAuth2Error("the provider's document lacks an address")
        return told

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002
        """Under our public address, whatever name the request came by."""
        return f"{settings.PUBLIC_URL.rstrip('/')}{self.get_provider().get_callback_url()}"

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        if pkce_code_verifier is None:
            raise OAuth2Error("the sign-in was not begun here")
        self.nonce = nonce_for(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(
        self,
        request: HttpRequest,
        app: Any,
        token: Any,  # noqa: ARG002
        **more: Any,
    ) -> Any:
        """Believe the ID token alone, signature and all."""
        id_token = more["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("there is no ID token")
        claims = claims_of(
            id_token, _fetched(self.openid_config["jwks_uri"]),
            issuer=settings.OIDC_ISSUER, client_id=app.client_id, nonce=self.nonce,
        )  # fmt: skip
        return self.get_provider().sociallogin_from_response(request, claims)


def _fetched(url: str) -> dict[str, Any]:
    """Return a JSON object of the provider's. OAuth2Error where it does not come."""
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, allow_redirects=False)
            answer.raise_for_status()
            told = answer.json()
    except (requests.RequestException, ValueError) as fault:
        raise OAuth2Error("the provider does not answer") from fault
    if not isinstance(told, dict) or answer.is_redirect:
        raise OAuth2Error("the provider answers something else")
    return told
