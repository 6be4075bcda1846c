"""A provider of texts on loopback, and gateways that speak to it: real objects over real HTTP.

The provider keeps to what Resend documents for its ``Idempotency-Key``: the same key with the same
content gets the first answer again and nothing is sent; the same key with other content is
refused with 409 ``invalid_idempotent_request``; while the first call is under way the second
gets 409 ``concurrent_idempotent_requests`` and may come again.
"""

import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from config.embedded.ports import HOST
from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Refused

ADDRESS = "TEST_PROVIDER_URL"


class Hang(StrEnum):
    """Where the provider stands still until it is told to go on."""

    NOWHERE = "nowhere"
    BEFORE_ACCEPTING = "before accepting"
    AFTER_ACCEPTING = "after accepting"


class Provider:
    """What it has sent, what it was asked for, and where it hangs just now."""

    def __init__(self) -> None:
        self.hang = Hang.NOWHERE
        self.go_on = threading.Event()
        self.hanging = threading.Semaphore(0)
        self.calls: list[str] = []
        self.sent: list[dict[str, str]] = []
        self.answers: dict[str, tuple[dict[str, str], str]] = {}
        self.under_way: set[str] = set()
        self.one_at_a_time = threading.Lock()

    def release(self) -> None:
        self.hang = Hang.NOWHERE
        self.go_on.set()

    def take(self, key: str, content: dict[str, str]) -> tuple[int, dict[str, str]]:
        with self.one_at_a_time:
            self.calls.append(key)
            if key in self.under_way:
                return 409, {"name": "concurrent_idempotent_requests"}
            self.under_way.add(key)
            hang = self.hang
        try:
            if hang is Hang.BEFORE_ACCEPTING:
                self._stand_still()
                return 503, {"name": "lost_before_it_was_accepted"}
            answer = self._accept(key, content)
            if hang is Hang.AFTER_ACCEPTING:
                self._stand_still()
            return answer
        finally:
            self.under_way.discard(key)

    def _accept(self, key: str, content: dict[str, str]) -> tuple[int, dict[str, str]]:
        with self.one_at_a_time:
            if key not in self.answers:
                self.answers[key] = (content, uuid.uuid4().hex)
                self.sent.append(content)
            first, sent_as = self.answers[key]
        if first != content:
            return 409, {"name": "invalid_idempotent_request"}
        return 200, {"id": sent_as}

    def _stand_still(self) -> None:
        self.hanging.release()
        self.go_on.wait(60)


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.provider.take(self.headers["Idempotency-Key"], content)
        body = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the caller was killed meanwhile

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def running_provider() -> Iterator[tuple[Provider, str]]:
    """A provider, and the address at which it listens."""
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield provider, f"http://{HOST}:{server.server_port}"
        finally:
            provider.release()
            server.shutdown()
            thread.join()


class HttpTexts:
    """A carrier to the provider whose address the environment names."""

    name = "fake"
    tells = False

    def send(self, outgoing: Outgoing) -> str:
        return self.post(outgoing.to, outgoing.body, outgoing.key)

    def post(self, to: str, body: str, key: str) -> str:
        address = urlsplit(os.environ[ADDRESS])
        connection = HTTPConnection(address.hostname or HOST, address.port, timeout=30)
        try:
            headers = {"Idempotency-Key": self.key_for(key), "Content-Type": "application/json"}
            connection.request("POST", "/texts", json.dumps({"to": to, "body": body}), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if answer.get("name") == "invalid_idempotent_request":
            raise Refused(answer["name"])
        if response.status != 200:
            raise ConnectionError(answer.get("name", ""))
        return str(answer["id"])

    def key_for(self, key: str) -> str:
        return key


class KeylessTexts(HttpTexts):
    """The control: each try has a key of its own, as if there were none."""

    def key_for(self, key: str) -> str:
        return f"{key}.{uuid.uuid4()}"


class HttpRooms:
    """A gateway for video to the same provider: what it accepts under a key is one room."""

    def open_room(self, *, key: str, starts_at: datetime) -> str:
        content = {"starts_at": starts_at.isoformat()}
        return f"https://rooms.example/{self.texts.post('', json.dumps(content), key)}"

    @property
    def texts(self) -> HttpTexts:
        return HttpTexts()


class KeylessRooms(HttpRooms):
    """The control: each try opens a room of its own."""

    @property
    def texts(self) -> HttpTexts:
        return KeylessTexts()
