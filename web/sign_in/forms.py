"""The forms of allauth that take a code or a passkey, with a code good for one use."""

from __future__ import annotations

import struct
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import ChangePasswordForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from dispatch.gateways.second_factor import PROVEN
from dispatch.models.clock import database_now
from dispatch.services.lock_out import count_try, forgive, note_failure
from dispatch.services.second_factor import spend_code

LONGEST_CODE = 32
TOTP_DIGITS = 6
UNSOUND = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, struct.error,
    InvalidSignature, UnsupportedAlgorithm,
)  # fmt: skip
"""What reading and checking a browser's answer raises where it is none, or a false one."""


class SpentCode:
    """Takes a code for its one use, in the database: two browsers cannot both have used it.

    A try is counted before the code is looked at, with those of the password. Raises TooMany.
    """

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].replace(" ", "")
        name, address = self.user.username, address_of(context.request)
        count_try(name, address)
        if len(code) > LONGEST_CODE or not spend_code(self.user.pk, code, now=database_now()):
            note_failure(name, "second_factor_failed")
            raise get_adapter().validation_error("incorrect_code")
        forgive(name, address)
        self.authenticator = self._spent_from(code)
        return code

    def _spent_from(self, code: str) -> Authenticator:
        by_code = Authenticator.objects.filter(user=self.user)
        kinds = [Authenticator.Type.RECOVERY_CODES, Authenticator.Type.TOTP]
        if len(code) == TOTP_DIGITS:
            kinds.reverse()
        return next(one for kind in kinds for one in by_code.filter(type=kind))


class CodeForm(SpentCode, AuthenticateForm):  # type: ignore[misc]  # comes without types
    """The second step of signing in."""


class CodeAgainForm(SpentCode, ReauthenticateForm):  # type: ignore[misc]
    """Before something that matters is changed."""


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password is a try like any other."""

    def clean_oldpassword(self) -> str:
        old: str = self.cleaned_data["oldpassword"]
        if not account_adapter().reauthenticate(self.user, old):
            raise account_adapter().validation_error("enter_current_password")
        return old


class NewGeneratorForm(ActivateTOTPForm):  # type: ignore[misc]
    """Who has just shown that their generator works has shown a second factor."""

    def clean_code(self) -> str:
        code: str = super().clean_code()
        record_authentication(context.request, self.user, PROVEN, type="totp")
        return code


class SoundPasskey:
    """Says that a passkey was wrong, whatever the browser sent; there is no guessing one.

    Raises TooMany where an address makes us check too many.
    """

    def clean_credential(self) -> Any:
        take("sign_in_address", address_of(context.request))
        try:
            return super().clean_credential()  # type: ignore[misc]
        except UNSOUND as fault:
            raise get_adapter().validation_error("incorrect_code") from fault


class PasskeyForm(SoundPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of signing in."""


class PasskeyAloneForm(SoundPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    """Signing in with nothing but a passkey that knows its holder."""


class PasskeyAgainForm(SoundPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before something that matters is changed."""


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Who has just made a passkey has shown it."""

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except UNSOUND as fault:
            raise get_adapter().validation_error("incorrect_code") from fault
        if not self.errors:
            record_authentication(context.request, self.user, PROVEN, type="webauthn")
        return cleaned
