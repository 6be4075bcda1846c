"""A small HTTP client: one person's requests to the service, in JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4

TIMEOUT_S = 30
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """The service answered with an error."""

    def __init__(self, asked: str, status: int, body: str) -> None:
        super().__init__(f"{asked} was answered with {status}: {body}")


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with the service's address and, once signed in, an access token."""

    url: str
    token: str = ""

    def signed_in(self, username: str, password: str) -> Client:
        answer = self.post("auth/token", {"username": username, "password": password})
        return Client(self.url, answer["access"])

    def get(self, path: str, **query: str) -> Any:
        asked = f"{path}?{urlencode(query)}" if query else path
        return json.loads(self._send("GET", f"/api/v1/{asked}"))

    def post(self, path: str, body: dict[str, Any] | list[Any] | None = None) -> Any:
        """Post with a key of its own, so that a repetition could do no harm."""
        sent = json.dumps(body or {}).encode()
        return json.loads(self._send("POST", f"/api/v1/{path}", sent, JSON))

    def pages(self, path: str, **query: str) -> list[Any]:
        """Return every entry of a list, page by page."""
        found: list[Any] = []
        page = self.get(path, page_size="100", **query)
        while True:
            found += page["results"]
            if page["next"] is None:
                return found
            page = json.loads(self._send("GET", page["next"].removeprefix(self.url)))

    def page(self, path: str) -> str:
        return self._send("GET", path)

    def submit(self, path: str, **fields: str) -> str:
        return self._send("POST", path, urlencode(fields).encode(), FORM)

    def _send(self, method: str, path: str, body: bytes | None = None, kind: str = JSON) -> str:
        headers = {"Accept": "*/*", "Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
        request = Request(self.url + path, body, headers, method=method)  # noqa: S310 - ours
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - ours
                text: str = answer.read().decode()
        except HTTPError as error:
            with error:
                raise Refused(f"{method} {path}", error.code, error.read().decode()) from error
        return text
