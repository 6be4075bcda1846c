"""A patient's app: asks the API, and asks again under the same key until it gets an answer."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from rest_framework_simplejwt.tokens import AccessToken

PATIENCE_S = 90
AT_ONCE_S = 20
AGAIN_S = (0.1, 0.5)
COME_AGAIN = frozenset({"in_flight", "busy"})


class GaveUp(RuntimeError):
    """No answer came for as long as an app would try."""


@dataclass(frozen=True)
class Answer:
    """``tries`` counts how often it was asked."""

    status: int
    body: dict[str, Any]
    tries: int


class Api:
    """Connections belong to threads; a token to its person, for as long as a run may take."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url)
        self.own = threading.local()

    def get(self, user_id: UUID, path: str, **query: str) -> Answer:
        return self._ask(user_id, "GET", f"{path}?{urlencode(query)}", None, None)

    def post(self, user_id: UUID, path: str, body: Any, key: str | None = None) -> Answer:
        return self._ask(user_id, "POST", path, body, key)

    def _ask(self, user_id: UUID, method: str, path: str, body: Any, key: str | None) -> Answer:
        give_up, tries = time.monotonic() + PATIENCE_S, 0
        while time.monotonic() < give_up:
            tries += 1
            try:
                status, told = self._once(user_id, method, path, body, key)
            except (OSError, HTTPException, ValueError):
                self._hang_up()
            else:
                if status < 500 and told.get("code") not in COME_AGAIN:
                    return Answer(status, told, tries)
            time.sleep(random.uniform(*AGAIN_S))
        raise GaveUp(path)

    def _once(
        self, user_id: UUID, method: str, path: str, body: Any, key: str | None
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {_token(user_id)}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        connection = self._connection()
        connection.request(
            method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers
        )
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text or b"{}")

    def _connection(self) -> HTTPConnection:
        if getattr(self.own, "connection", None) is None:
            host, port = self.address.hostname or "", self.address.port
            self.own.connection = HTTPConnection(host, port, timeout=AT_ONCE_S)
        connection: HTTPConnection = self.own.connection
        return connection

    def _hang_up(self) -> None:
        self._connection().close()
        self.own.connection = None


def _token(user_id: UUID) -> str:
    token = AccessToken()
    token["user_id"] = token["family"] = str(user_id)  # as the town's people are signed in
    return str(token)
