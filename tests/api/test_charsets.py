"""A charset that Django cannot take is refused in words, through the call that gunicorn makes."""

import io
import json
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from config.wsgi import application
from tests.api.town import JSON, MEMBERS, PROBLEM, ROOT

UNREADABLE = [
    "rot13", "zlib", "hex", "base64", "bz2", "uu", "quopri", "punycode", "idna", "undefined",
    "unicode_escape", "utf-16", "latin-1", "us-ascii", "x", "", '"utf-8;"', "a\x00b",
]  # fmt: skip
ENCODED = ["charset*=x''utf-8", "charset*=undefined''x", "a*=x''b"]
BODY = json.dumps({"username": "a", "password": "b"}).encode()


def called(content_type: str, method: str = "POST", path: str = "auth/token"):
    """Status, content type and document of an answer to a WSGI call."""
    environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": ROOT + path,
        "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(BODY)), "QUERY_STRING": "",
        "wsgi.input": io.BytesIO(BODY),
    }  # fmt: skip
    setup_testing_defaults(environ)
    told = {}

    def start_response(status, headers, exc_info=None):
        told.update(status=int(status.split()[0]), kind=dict(headers)["Content-Type"])

    answer = validator(application)(environ, start_response)
    body = b"".join(answer)
    answer.close()
    return told["status"], told["kind"], json.loads(body)


@pytest.mark.parametrize(
    "parameter", [*(f"charset={name}" for name in UNREADABLE), *ENCODED, "CHARSET=hex"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_charset_other_than_utf_8_is_a_415(parameter, method) -> None:
    status, kind, document = called(f"{JSON}; {parameter}", method)
    assert (status, kind, document["code"]) == (415, PROBLEM, "unsupported_media_type")
    assert document.keys() >= MEMBERS
    assert document["status"] == 415


@pytest.mark.usefixtures("fresh_database")
def test_utf_8_by_any_of_its_names_reaches_the_door() -> None:
    """The control: whoever is unknown is told so by the door, not by the check before it."""
    for parameter in ("", "; charset=utf-8", "; charset=UTF8", '; Charset="utf-8"', "; version=1"):
        assert called(JSON + parameter)[:2] == (401, PROBLEM), parameter
    assert called("", "GET", "me")[0] == 401
