"""What allauth asks of us: who may sign in, by which steps, and that nobody signs up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest, HttpResponse

from dispatch.domain.errors import TooMany
from dispatch.gateways.callers import address_of
from dispatch.gateways.second_factor import PROVEN, was_shown
from dispatch.models import User
from dispatch.models.clock import database_now
from dispatch.selectors.clock import market_now
from dispatch.services.lock_out import give_back
from dispatch.services.sessions import change_password, note_at_screens
from web.people import actor_of, user_of
from web.sign_in.notices import notice

SILENT = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")
NOTED_ELSEWHERE = "account/email/password_changed"


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]  # comes without types
    """Asks for a code or a passkey, unless the OIDC provider vouched for a second factor."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is not None and was_shown(request, user):
            return False
        return bool(super()._should_handle(request))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """A right password of somebody deactivated is answered like a wrong one.

        Raises TooMany after too many tries; one with a right password is given back.
        """
        user: User | None = super().authenticate(request, **credentials)
        if retry_after_s := getattr(request, "retry_after_s", 0):
            raise TooMany(retry_after_s)
        if user is None or not user.is_active:
            return None
        give_back(user.username, address_of(request))
        return user

    def get_login_stages(self) -> list[str]:
        stage = f"{SecondFactorStage.__module__}.{SecondFactorStage.__name__}"
        return [stage]

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Who has a second factor is asked for that; a password alone is not enough."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [one for one in methods if one["id"] != "reauthenticate"] or methods

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        note_at_screens(actor_of(user), "sign_in", now=database_now())

    def logout(self, request: HttpRequest) -> None:
        user = user_of(request)
        super().logout(request)
        if user is not None:
            note_at_screens(actor_of(user), "signed_out", now=database_now())

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        *how: Any,  # noqa: ARG002
        **more: Any,  # noqa: ARG002
    ) -> None:
        """Note what allauth would write an e-mail of, as ``totp_deactivated``, in the trail."""
        if template_prefix != NOTED_ELSEWHERE:
            verb = template_prefix.rpartition("/")[2]
            note_at_screens(actor_of(user), verb, now=database_now())

    def set_password(self, user: User, password: str) -> None:
        by, key = actor_of(user), self.request.session.session_key
        moment = database_now()
        change_password(password, spare=key, by=by, at=moment, now=market_now(by.market_id))
        user.refresh_from_db(fields=["password"])

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *how: Any, **more: Any
    ) -> None:
        """Say what is worth saying; who has just signed in sees that they have."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *how, **more)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An identity opens the account that it was bound to, and nothing else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002
        return "/account"

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        connecting = sociallogin.state.get("process") == AuthProcess.CONNECT
        if connecting:
            return
        if not sociallogin.is_existing or not sociallogin.user.is_active:
            raise ImmediateHttpResponse(self._refusal(request))
        if sociallogin.provider.vouched_for_second_factor:
            record_authentication(request, sociallogin.user, PROVEN, type="provider")

    def on_authentication_error(
        self,
        request: HttpRequest,
        *how: Any,  # noqa: ARG002
        **more: Any,  # noqa: ARG002
    ) -> None:
        raise ImmediateHttpResponse(notice(request, "provider_failed", status=502))

    def _refusal(self, request: HttpRequest) -> HttpResponse:
        return notice(request, "identity_unknown", status=403)
