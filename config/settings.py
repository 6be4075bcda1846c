"""The settings: everything that differs between installations comes from the environment.

Nothing secret has a default; a missing variable stops the start with its name. `.env.example` lists
all of them. What is about one thing stands in config/sections.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import env
from config.logging import LOGGING as LOGGING  # noqa: PLC0414  (Django reads it from here)
from config.secrets import *
from config.sections.carriers import *
from config.sections.database import *
from config.sections.headers import *
from config.sections.http import *
from config.sections.limits import *
from config.sections.maps import *
from config.sections.queues import *
from config.sections.sign_in import *
from dispatch.domain.retention import parse_terms

BASE_DIR = Path(__file__).resolve().parent.parent

AUDIT_ANCHORS = env.str("AUDIT_ANCHORS", default="")
"""A folder outside the database where the trail's newest seals are written down; empty: none."""

try:
    RETENTION_TERMS = parse_terms(env.str("RETENTION_DAYS", default=""))
except ValueError as fault:
    raise ImproperlyConfigured(str(fault)) from fault
"""Other terms than those of dispatch/domain/retention.py, each "dispatch.LocalMessage=30"."""

ROUTING_ENGINE = env.str("ROUTING_ENGINE", default="")
"""Who tells driving times by road: "osrm" or "valhalla"; empty: they are geodesic."""
ROUTING_URL = env.str("ROUTING_URL", default="")
if ROUTING_ENGINE and not (
    ROUTING_ENGINE in {"osrm", "valhalla"} and ROUTING_URL.startswith(("http://", "https://"))
):
    raise ImproperlyConfigured(
        "ROUTING_ENGINE is osrm or valhalla, with its address in ROUTING_URL, or empty."
    )
ROUTING_PROFILE = env.str("ROUTING_PROFILE", default="") or (
    "auto" if ROUTING_ENGINE == "valhalla" else "driving"
)
ROUTING_TABLE_SIZE = env.int("ROUTING_TABLE_SIZE", default=100)
"""Places in one table, origins and destinations together: `--max-table-size` of `osrm-routed`."""
ROUTING_TIMEOUT_S = env.float("ROUTING_TIMEOUT_S", default=1.0)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "leaflet",
    "dispatch.apps.DispatchConfig",
    "workers.apps.WorkersConfig",
    "web",
    "web.oidc",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.headers.Headers",
    "config.packed.PackedStaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "web.activity.Activity",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = True  # straight from the packages: there is no collecting step to forget

# -- time and language

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_TZ = True
TIME_ZONE = "UTC"
