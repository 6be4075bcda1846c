"""The one settings file: everything that differs between installations comes from the environment.

Nothing secret has a default; a missing variable stops the start with its name. `.env.example` lists
all of them.
"""

from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from config.logging import LOGGING as LOGGING  # noqa: PLC0414  (Django reads it from here)

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
"""Where patients and nurses reach the service: the start of every link in a message."""

FIELD_KEYS = {
    key_id: b64decode(key) for key_id, _, key in (k.partition(":") for k in env.list("FIELD_KEYS"))
}
"""Keys of the encrypted fields, each "id:32 bytes in base64"; the first encrypts, all decrypt."""
BLIND_INDEX_KEY = b64decode(env.str("BLIND_INDEX_KEY"))
"""32 bytes in base64, under which encrypted fields can be found by their exact value."""

CARRIERS = {
    "text": env.str("TEXTS_GATEWAY", default="dispatch.gateways.local_outbox.LocalTexts"),
    "email": env.str("EMAILS_GATEWAY", default="dispatch.gateways.local_outbox.LocalEmails"),
    "push": env.str("PUSHES_GATEWAY", default="dispatch.gateways.local_outbox.LocalPushes"),
}
"""Who carries messages, by channel; the local outbox keeps them for the screens."""
MESSAGES_PER_S = {
    "text": env.float("TEXTS_PER_S", default=0.0),
    "email": env.float("EMAILS_PER_S", default=0.0),
    "push": env.float("PUSHES_PER_S", default=0.0),
}
"""The most that is handed over in a second, by all processes together; 0: any number."""

TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_FROM = env.str("TWILIO_FROM", default="")
"""A number in E.164, or the id of a messaging service (MG…)."""
TWILIO_URL = env.str("TWILIO_URL", default="")
"""Another address of the API; empty: Twilio's own."""
if CARRIERS["text"].endswith("TwilioTexts") and not (
    TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and TWILIO_FROM
):
    raise ImproperlyConfigured(
        "Texts through Twilio need TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM."
    )

TELEHEALTH_GATEWAY = env.str(
    "TELEHEALTH_GATEWAY", default="dispatch.gateways.telehealth.LocalRooms"
)
"""Who opens rooms for consults by video; the stand-in leads to a page of our own."""

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
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "dispatch.apps.DispatchConfig",
    "workers.apps.WorkersConfig",
    "web",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: there is no collecting step to forget

# -- database

MILLISECONDS_A_STATEMENT = 15_000
MILLISECONDS_FOR_A_LOCK = 10_000
MILLISECONDS_IDLE_IN_TRANSACTION = 60_000


def _database() -> dict[str, Any]:
    """The application's role; the owner's for the commands that change tables (see manage.py)."""
    as_owner = env.bool("AS_OWNER", default=False)
    limits = (
        ""
        if as_owner
        else (
            f"-c statement_timeout={MILLISECONDS_A_STATEMENT}"
            f" -c lock_timeout={MILLISECONDS_FOR_A_LOCK}"
            f" -c idle_in_transaction_session_timeout={MILLISECONDS_IDLE_IN_TRANSACTION}"
        )
    )
    url = "DATABASE_OWNER_URL" if as_owner and "DATABASE_OWNER_URL" in env else "DATABASE_URL"
    database: dict[str, Any] = env.db_url(url)
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    database["OPTIONS"] = {"connect_timeout": 3, "options": limits} | database.get("OPTIONS", {})
    return database


DATABASES = {"default": _database()}
APPLICATION_ROLE = env.db_url("DATABASE_URL").get("USER", "")

# -- people and passwords

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

# -- time and language

LANGUAGE_CODE = "en-us"
USE_TZ = True
TIME_ZONE = "UTC"

# -- HTTP

DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20  # of any body: more is neither announced nor read

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.policy.PolicyPermission"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "api.paging.CursorPage",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsing.JsonBody"],
    "UNICODE_JSON": False,  # else a lone surrogate in a refused value could not be answered
    "EXCEPTION_HANDLER": "api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Visiting nurse dispatch",
    "DESCRIPTION": "Books infusions at the patient's door and brings a certified nurse to them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=12),
}

# -- Celery: pokes, never truth

REDIS_URL = env.str("REDIS_URL")

CACHES = {
    "default": {
        "BACKEND": "config.cache.WillingCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_DEFAULT_EXCHANGE = "tasks"
CELERY_TASK_DEFAULT_ROUTING_KEY = "default"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange("tasks"), routing_key=name)
    for name in ("assign", "messages", "plan", "default")
]
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {
    "workers.tasks.assign": {"queue": "assign"},
    "workers.tasks.send": {"queue": "messages"},
    "workers.tasks.open_rooms": {"queue": "messages"},
    "workers.tasks.plan": {"queue": "plan"},
    "workers.tasks.roll_all": {"queue": "plan"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request that pokes a worker must not wait for a broker that is down or hangs: the worker's own
# poll of the database finds the work without it. Without `max_retries` kombu tries for 6 s.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.9,  # a worker has none: see workers/bootsteps.py
    "socket_keepalive": True,
}
