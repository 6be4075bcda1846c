"""Who people are and how they prove it."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

AUTH_USER_MODEL = "dispatch.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "web.sign_in.backend.Backend"]

# -- the screens: allauth's pages, of which web/sign_in/urls.py has those that are used

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "web.sign_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_FORMS = {"change_password": "web.sign_in.forms.NewPasswordForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # ours are counted by atomic counters

MFA_ADAPTER = "dispatch.gateways.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # of a new generator, too: as of dispatch/services/second_factor.py
MFA_FORMS = {
    "authenticate": "web.sign_in.forms.CodeForm",
    "reauthenticate": "web.sign_in.forms.CodeAgainForm",
    "activate_totp": "web.sign_in.forms.NewGeneratorForm",
    "authenticate_webauthn": "web.sign_in.forms.PasskeyForm",
    "login_webauthn": "web.sign_in.forms.PasskeyAloneForm",
    "reauthenticate_webauthn": "web.sign_in.forms.PasskeyAgainForm",
    "add_webauthn": "web.sign_in.forms.NewPasskeyForm",
}

OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
"""Whose word on who somebody is counts too; empty: nobody's."""
OIDC_AUTHORIZES_AT = env.list("OIDC_AUTHORIZES_AT", default=[])
"""Addresses its sign-in pages lie at beside the issuer's own: forms of ours may lead there."""
OIDC_NAME = env.str("OIDC_NAME", default="") or "OpenID Connect"
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SECOND_FACTOR_ACR = env.list("OIDC_SECOND_FACTOR_ACR", default=[])
"""Values of ``acr`` by which the provider says that a second factor was shown, beside ``amr``."""
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
SOCIALACCOUNT_ADAPTER = "web.sign_in.adapters.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "oidc": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {
                    "oauth_pkce_enabled": True,
                    "second_factor_classes": OIDC_SECOND_FACTOR_ACR,
                },
            }
        ]
    }
}

SESSION_ENGINE = "web.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # and on the server, see dispatch/domain/sessions.py
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=12),
}
