"""A customer's receiver of webhooks on loopback, which keeps to the specification's advice.

It verifies with the specification's own library and remembers what it was sent; how it answers is
up to the test.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from config.embedded.ports import HOST


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The message; the library raises where no signature is this secret's."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers with ``status``, or stands still, until ``go_on`` is set, where it ``hangs``."""

    url: str = ""
    status: int = 200
    hangs: bool = False
    trickles: bool = False
    answers_with: Mapping[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    def messages(self, secret: str) -> list[Any]:
        return [one.verified(secret) for one in self.received]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Received(headers, body, self.path))
        self.receiver.came.release()
        with suppress(OSError):  # the caller did not wait, or was killed
            self._answer()

    def _answer(self) -> None:
        if self.receiver.hangs:
            self.receiver.go_on.wait(60)
        if self.receiver.trickles:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.receiver.go_on.wait(0.05):
                self.wfile.write(b"X-More: 1\r\n")
        self.send_response(self.receiver.status)
        for name, value in self.receiver.answers_with.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def running_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver, and the address at which it listens."""
    receiver = Receiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        receiver.url = f"{scheme}://{HOST}:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.go_on.set()
            server.shutdown()
            thread.join()
