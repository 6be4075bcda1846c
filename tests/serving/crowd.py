"""Clients that send, or read, one byte a second: one thread keeps a whole crowd of them."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * 1000
BODY = (
    b"POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
)
LONG = (
    b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css HTTP/1.1\r\n"
    b"Host: 127.0.0.1\r\n\r\n"
)
TICK_S = 1.0

Act = Callable[[socket.socket], object]
OPENING: dict[str, bytes] = {"head": HEAD[:10], "body": BODY, "reader": LONG}
TICK: dict[str, Act] = {
    "head": lambda one: one.send(b"a"),
    "body": lambda one: one.send(b" "),
    "reader": lambda one: one.recv(1),
}


@contextmanager
def slow_clients(kind: str, count: int, port: int) -> Iterator[None]:
    """All of them are connected, and have begun, when the block begins."""
    crowd = [_client(kind, port) for _ in range(count)]
    over = threading.Event()
    ticking = threading.Thread(target=_tick, args=[crowd, TICK[kind], over])
    ticking.start()
    try:
        yield
    finally:
        over.set()
        ticking.join()
        for client in crowd:
            client.close()


def _client(kind: str, port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(60)
    client.connect(("127.0.0.1", port))
    client.sendall(OPENING[kind])
    client.setblocking(False)
    return client


def _tick(crowd: list[socket.socket], act: Act, over: threading.Event) -> None:
    """Those that were let go stay so: a slow client does not knock again at once."""
    while not over.is_set():
        began = time.monotonic()
        for client in crowd:
            with contextlib.suppress(OSError):
                act(client)
        over.wait(max(0.0, TICK_S - (time.monotonic() - began)))
