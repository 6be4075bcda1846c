"""A provider over HTTP that keeps what it accepts and answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from config.embedded.ports import HOST


@dataclass(frozen=True)
class Answer:
    """What one request meets. One that is ``accepted`` counts, whether we hear of it or not."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    accepted: bool = True
    wait_s: float = 0.0
    drop: bool = False
    drip_s: float = 0.0
    """Seconds between the bytes of the answer."""


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


class Provider:
    heeds_keys = False
    other_words = Answer(409, {"name": "invalid_idempotent_request"})

    def __init__(self, usual: Answer) -> None:
        self.usual = usual
        self.coming: deque[Answer] = deque()
        self.accepted: list[Asked] = []
        self.asked = 0
        self.under_key: dict[str, tuple[bytes, Answer]] = {}
        """What was accepted under which ``Idempotency-Key``, and what was answered."""
        self.over = threading.Event()
        self.url = ""

    def do_next(self, *answers: Answer) -> None:
        self.coming.extend(answers)

    def meet(self, asked: Asked) -> Answer:
        self.asked += 1
        key = asked.headers.get("Idempotency-Key", "") if self.heeds_keys else ""
        if key in self.under_key:
            body, first = self.under_key[key]
            return replace(first, drop=False) if body == asked.body else self.other_words
        answer = self.coming.popleft() if self.coming else self.usual
        if answer.accepted and 200 <= answer.status < 300:
            self.accepted.append(asked)
            if key:
                self.under_key[key] = asked.body, answer
        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.provider.meet(Asked(self.path, dict(self.headers), body))
        self.provider.over.wait(answer.wait_s)
        if answer.drop:
            self.close_connection = True
            return
        try:
            self._say(answer)
        except OSError:
            self.close_connection = True

    do_GET = do_POST

    def _say(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not answer.drip_s:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.provider.over.wait(answer.drip_s)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def running(usual: Answer) -> Iterator[Provider]:
    provider = Provider(usual)
    handler = type("Bound", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        server.daemon_threads = True
        provider.url = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            provider.over.set()
            server.shutdown()
            thread.join()
