"""Every refusal as an RFC 9457 problem document with a stable code."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DatabaseError, IntegrityError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from api.problem_codes import CODES
from dispatch.domain.errors import (
    Conflict,
    DispatchError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

STATUS_OF: dict[type[DispatchError], int] = {
    Invalid: status.HTTP_400_BAD_REQUEST,
    NotFound: status.HTTP_404_NOT_FOUND,
    Forbidden: status.HTTP_403_FORBIDDEN,
    Conflict: status.HTTP_409_CONFLICT,
    TooMany: status.HTTP_429_TOO_MANY_REQUESTS,
}
"""Of a code that is not in the table of codes."""


class ProblemResponse(Response):
    """JSON whatever was asked for: a door may answer in YAML or HTML, its refusals do not."""

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # as REST Framework's own
        self["Content-Type"] = MEDIA_TYPE
        return bytes(JSONRenderer().render(self.data))


def handle(error: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001
    """REST Framework's exception handler; None leaves a fault of our own to Django."""
    if isinstance(error, DispatchError):
        return _refusal(error)
    if isinstance(error, IntegrityError):
        log.warning("a constraint refused what the services had let through", exc_info=error)
        return _problem(409, "conflict", "This does not go together with what is stored.")
    if isinstance(error, DatabaseError):
        log.error("the database failed", exc_info=error)
        answer = _problem(503, "unavailable", "The service cannot answer just now; try again.")
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    if isinstance(error, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return _problem(413, "too_large", f"A body has at most {most} bytes.")
    if isinstance(error, exceptions.Throttled):
        return _refusal(TooMany(math.ceil(getattr(error, "wait", None) or RETRY_AFTER_S)))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    return _framework(error) if isinstance(error, exceptions.APIException) else None


def _refusal(error: DispatchError) -> Response:
    known = CODES.get(error.code)
    code = STATUS_OF[_kind(error)] if known is None else known.status
    errors: list[dict[str, str]] = []
    if isinstance(error, Invalid):
        errors = [_error(field, text) for field, text in error.fields.items()]
    if isinstance(error, NotFound):
        errors = [_error(error.thing, error.message)]
    answer = _problem(code, error.code, error.message, errors, **error.facts)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(error.retry_after_s)
    return answer


def _kind(error: DispatchError) -> type[DispatchError]:
    return next(kind for kind in STATUS_OF if isinstance(error, kind))


def _framework(error: exceptions.APIException) -> Response:
    detail = error.detail
    if isinstance(error, exceptions.ValidationError):
        message = "The request has fields that cannot be accepted."
        answer = _problem(error.status_code, "invalid", message, list(_flat(detail)))
    else:
        sentence = detail.get("detail") if isinstance(detail, dict) else detail
        answer = _problem(error.status_code, str(error.default_code), str(sentence))
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    return answer


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Walk nested errors; a field's name is its path, as in ``window.start``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            joined = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _flat(inner, joined)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield _error(path, str(detail))


def _error(field: str, message: object) -> dict[str, str]:
    return {"field": field, "message": str(message)}


def _problem(
    code: int, name: str, detail: str, errors: list[dict[str, str]] | None = None, **facts: Any
) -> Response:
    body = document(code, name, detail, **facts)
    body["errors"] = errors or []
    return ProblemResponse(body, status=code)


def document(code: int, name: str, detail: str, **facts: Any) -> dict[str, Any]:
    """Return the members of a problem document."""
    return {
        **facts,
        "type": f"urn:problem:{name.replace('_', '-')}",
        "title": name.replace("_", " ").capitalize(),
        "status": code,
        "code": name,
        "detail": detail,
        "errors": [],
    }
