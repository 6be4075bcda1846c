"""Puts the headers of config/sections/headers.py on answers, and some that Django does not know."""

from urllib.parse import urlsplit

from csp.constants import NONE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

NOTHING = {name: [NONE] for name in ("default-src", "frame-ancestors", "base-uri", "form-action")}
"""For JSON, text and calendars: should a browser take one for a page, it can do nothing."""
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
        "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip
HEADERS = {
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}
"""Where an answer does not say otherwise, as static files do."""


class Headers(CSPMiddleware):
    """Content-Security-Policy by the kind of the answer, and `HEADERS`."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        answer: HttpResponseBase = super().process_response(request, response)
        for name, value in HEADERS.items():
            answer.setdefault(name, value)
        return answer

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - as django-csp calls it
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if not response.get("Content-Type", "").startswith("text/html"):
            parts.config = NOTHING
        elif issuers := _issuers():
            parts.update = {"form-action": issuers}
        return parts


def _issuers() -> list[str]:
    """Who else signs people in: a form of ours is answered by sending the browser there."""
    if not settings.OIDC_ISSUER:
        return []
    urls = map(urlsplit, (settings.OIDC_ISSUER, *settings.OIDC_AUTHORIZES_AT))
    return sorted({f"{url.scheme}://{url.netloc}" for url in urls})
