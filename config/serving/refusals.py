"""What is answered to a request that never reaches the application: a problem document."""

import json
from dataclasses import dataclass
from http import HTTPStatus

from gunicorn.http import errors


@dataclass(frozen=True)
class Refused(Exception):
    """A request that is not taken in: the status of the answer, and a sentence for its reader."""

    status: HTTPStatus
    detail: str


STATUS_OF: dict[type[Exception], HTTPStatus] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}
"""Whatever else gunicorn's parser does not take is a bad request."""
CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.REQUEST_TIMEOUT: "too_slow",
    HTTPStatus.LENGTH_REQUIRED: "length_required",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
}


def refusal_of(error: Exception) -> Refused:
    """What the client is told of it. The parser's own sentence may quote a secret link."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName):
        return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "The fault is ours and has been logged.")
    if isinstance(error, errors.ParseException | errors.NoMoreData):
        status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        return Refused(status, "The request cannot be read.")
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "The fault is ours and has been logged.")


def as_bytes(refused: Refused) -> bytes:
    """A whole answer, after which the connection ends."""
    status = refused.status
    code = CODES.get(status) or status.phrase.lower().replace(" ", "_").replace("-", "_")
    document = {
        "type": f"urn:problem:{code.replace('_', '-')}",
        "title": code.replace("_", " ").capitalize(),
        "status": int(status),
        "code": code,
        "detail": refused.detail,
        "errors": [],
    }
    body = json.dumps(document).encode()
    head = (
        f"HTTP/1.1 {int(status)} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        "Cache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
