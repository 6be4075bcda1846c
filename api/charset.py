"""Refuses a body in another encoding than UTF-8 before Django reads the request.

Django looks the charset up while it makes the request, outside of its handlers: at one that decodes
to no text, or at one that it does not know, it falls over and the server answers for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

UTF_8 = {"utf-8", "utf8"}


def utf8_only(application: WSGIApplication) -> WSGIApplication:
    """Put the check before an application."""

    def checked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_utf8(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        return _refuse(start_response)

    return checked


def _is_utf8(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:
        return False
    return parameters.get("charset", "utf-8").lower() in UTF_8


def _refuse(start_response: StartResponse) -> Iterable[bytes]:
    from api.problems import MEDIA_TYPE, document  # REST Framework needs Django to be set up

    told = document(415, "unsupported_media_type", "A body is written in UTF-8.")
    body = json.dumps(told).encode()
    headers = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body)))]
    start_response("415 Unsupported Media Type", headers)
    return [body]
