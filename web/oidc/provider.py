"""allauth's OpenID Connect provider, told to keep nothing but who somebody is."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest

from web.oidc.adapter import Adapter
from web.oidc.tokens import nonce_for, vouches_for_second_factor


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # comes without types
    """One provider, as the environment names it (OIDC_…)."""

    id = "oidc"
    oauth2_adapter_class = Adapter
    vouched_for_second_factor = False
    """Of the sign-in that this object was made for."""

    def get_login_url(self, request: HttpRequest, **more: Any) -> str:
        return str(OAuth2Provider.get_login_url(self, request, **more))

    def get_callback_url(self) -> str:
        return str(OAuth2Provider.get_callback_url(self))

    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        return Adapter(request)

    def get_default_scope(self) -> list[str]:
        return ["openid"]

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:  # noqa: ARG002
        return list(self.get_scope())

    def get_auth_params_from_request(
        self,
        request: HttpRequest,  # noqa: ARG002
        action: str,  # noqa: ARG002
    ) -> dict[str, str]:
        return dict(self.get_auth_params())

    def get_pkce_params(self) -> dict[str, Any]:
        """PKCE is not for this client to leave out; the nonce goes with it."""
        params: dict[str, Any] = super().get_pkce_params()
        return params | {"nonce": nonce_for(params["code_verifier"])}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """A subject is somebody only together with its issuer."""
        return f"{data['iss']} {data['sub']}"

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        classes = self.app.settings["second_factor_classes"]
        self.vouched_for_second_factor = vouches_for_second_factor(data, classes)
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:  # noqa: ARG002
        return []


provider_classes = [Provider]
