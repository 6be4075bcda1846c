"""What browsers are told to refuse, and what is asked of the line between them and the service."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import env
from config.sections.maps import TILE_HOSTS

LOOPBACK = {"127.0.0.1", "localhost", "::1"}

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
"""Where patients and nurses reach the service: the start of every link in a message."""

_public = urlsplit(PUBLIC_URL)
_encrypted = _public.scheme == "https"
if not _encrypted and _public.hostname not in LOOPBACK:
    raise ImproperlyConfigured("PUBLIC_URL begins with https:// unless it leads to this machine.")
if (
    DEBUG
    and not {_public.hostname, env.str("BIND", default="127.0.0.1"), *ALLOWED_HOSTS} <= LOOPBACK
):
    raise ImproperlyConfigured(
        "DEBUG shows its settings to whoever asks: it is for PUBLIC_URL, ALLOWED_HOSTS and BIND on"
        " this machine alone."
    )

# -- the line: gunicorn says whether a request came encrypted, and believes only TRUSTED_PROXIES

SECURE_SSL_REDIRECT = _encrypted
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes come past the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _encrypted else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# -- cookies: of the screens alone; a browser takes __Host- only from this host and encrypted

_prefix = "__Host-" if _encrypted else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
SESSION_COOKIE_SECURE = _encrypted
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would sign out whoever comes back from another sign-in
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = _encrypted
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# -- what a page may load

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *TILE_HOSTS],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
"""Of pages; whatever is not HTML may load nothing at all, see config/headers.py."""
