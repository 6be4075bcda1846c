"""Addresses of signing in and of one's own account; allauth's other pages have none.

Nobody signs up, and no password is reset by e-mail: administrators make accounts, and links under
which a password is set anew. The names are those that allauth looks its pages up by.
"""

from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.urls import path
from django.views.generic import RedirectView

from web.oidc import views as oidc
from web.sign_in.account import OwnPassword, account, end
from web.sign_in.invitation import invitation
from web.sign_in.pages import ours, worded

FACTOR = "account/second-factor"
TO_ACCOUNT = RedirectView.as_view(url="/account")

urlpatterns = [
    path("sign-in", worded(LoginView, "sign_in", "sign_in"), name="account_login"),
    path("sign-in/code", worded(AuthenticateView, "code", "code"), name="mfa_authenticate"),
    path("sign-in/passkey", ours(LoginWebAuthnView.as_view()), name="mfa_login_webauthn"),
    path("sign-in/provider", ours(oidc.begin), name="oidc_login"),
    path("sign-in/provider/back", ours(oidc.callback), name="oidc_callback"),
    path("sign-in/closed", ours(oidc.closed), name="account_inactive"),
    path("invitation/<str:secret>", ours(invitation), name="invitation"),
    path("sign-out", worded(LogoutView, "sign_out"), name="account_logout"),
    path("account", ours(account), name="account_second_factor"),
    path("account/again", worded(ReauthenticateView, "again", "again"),
         name="account_reauthenticate"),
    path("account/again/code", worded(CodeAgainView, "code_again", "again"),
         name="mfa_reauthenticate"),
    path("account/again/passkey", worded(ReauthenticateWebAuthnView, "passkey_again", "passkey"),
         name="mfa_reauthenticate_webauthn"),
    path("account/password", worded(OwnPassword, "password"),
         name="account_change_password"),
    path("account/session/<uuid:row_id>/end", ours(end), {"kind": "session"}),
    path("account/sign-in/<uuid:row_id>/end", ours(end), {"kind": "sign_in"}),
    path(FACTOR, TO_ACCOUNT, name="mfa_index"),
    path(f"{FACTOR}/generator", worded(ActivateTOTPView, "generator", "generator"),
         name="mfa_activate_totp"),
    path(f"{FACTOR}/generator/remove", worded(DeactivateTOTPView, "generator_remove"),
         name="mfa_deactivate_totp"),
    path(f"{FACTOR}/codes", worded(ViewRecoveryCodesView, "codes", "codes"),
         name="mfa_view_recovery_codes"),
    path(f"{FACTOR}/codes/new", worded(GenerateRecoveryCodesView, "codes_new"),
         name="mfa_generate_recovery_codes"),
    path(f"{FACTOR}/passkeys", TO_ACCOUNT, name="mfa_list_webauthn"),
    path(f"{FACTOR}/passkeys/add", worded(AddWebAuthnView, "passkey_add", "passkey"),
         name="mfa_add_webauthn"),
    path(f"{FACTOR}/passkeys/<int:pk>/remove", worded(RemoveWebAuthnView, "passkey_remove"),
         name="mfa_remove_webauthn"),
]  # fmt: skip
