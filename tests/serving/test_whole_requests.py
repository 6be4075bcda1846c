"""What the worker takes in, waits for and refuses, byte by byte, over a pair of sockets."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from config.serving import worker as serving
from config.serving.incoming import MOST_BODY, MOST_HEAD
from config.serving.worker import Connection, PatientWorker
from tests.faults.running import within

HOST = b"Host: here\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /echo HTTP/1.1\r\n" + HOST
LARGE = b"x" * 5_000_000


def application(environ, start_response):
    """Answers with the body, or with much of nothing."""
    if environ["PATH_INFO"] == "/broken":
        raise ValueError("a secret")
    if environ["PATH_INFO"] == "/large":
        body = LARGE
    elif environ["PATH_INFO"] == "/unread":
        body = b"unread"
    else:
        body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


class Line:
    """A client's end of a connection; the worker's poller turns when the test says so."""

    def __init__(self, worker: PatientWorker) -> None:
        self.worker = worker
        self.client, theirs = socket.socketpair()
        theirs.setblocking(False)
        self.client.settimeout(0.02)
        self.conn = Connection(worker.cfg, theirs, ("192.0.2.1", 1), ("192.0.2.2", 80))
        worker.nr_conns += 1
        worker.open_from["192.0.2.1"] += 1
        worker._wait(self.conn, serving.READ, serving.PATIENCE_S)

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), 2**14):
            self.client.sendall(data[start : start + 2**14])
            self.turn()

    def turn(self) -> None:
        for _ in range(3):
            self.worker.wait_for_and_dispatch_events(timeout=0.01)

    def read(self) -> bytes:
        """All that comes until nothing more does, and no thread is at work on it."""
        came, quiet = b"", 0
        while quiet < 2:
            self.turn()
            try:
                more = self.client.recv(2**20)
            except TimeoutError:
                quiet += self.conn in self.worker.waiting
                continue
            if not more:
                return came
            came, quiet = came + more, 0
        return came

    def answer(self, data: bytes) -> tuple[int, dict[str, object]]:
        self.send(data)
        head, _, body = self.read().partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)


@pytest.fixture
def worker() -> Iterator[PatientWorker]:
    cfg = Config()
    cfg.set("threads", 2)
    cfg.set("sendfile", False)
    cfg.set("limit_request_fields", 64)
    cfg.set("forwarded_allow_ips", "")
    one = PatientWorker(0, os.getppid(), [], None, 30, cfg, Logger(cfg))
    one.wsgi = application
    one.tpool, one.poller = one.get_thread_pool(), serving.selectors.DefaultSelector()
    one.method_queue.init()
    one.poller.register(one.method_queue.fileno(), serving.READ, one.method_queue.run_callbacks)
    yield one
    one.murder_keepalived(force=True)
    one.tpool.shutdown()
    one.poller.close()
    one.method_queue.close()
    one.tmp.close()


@pytest.fixture
def line(worker: PatientWorker) -> Iterator[Line]:
    one = Line(worker)
    yield one
    one.client.close()


def test_a_request_in_single_bytes_is_answered_once_it_is_whole(line: Line) -> None:
    whole = POST + b"Content-Length: 5\r\n\r\nhello"
    for byte in whole[:-1]:
        line.client.sendall(bytes([byte]))
        line.turn()
        assert line.conn in line.worker.waiting
    line.send(whole[-1:])
    assert line.read().endswith(b"\r\n\r\nhello")


def test_requests_that_come_together_are_answered_one_after_the_other(line: Line) -> None:
    one = POST + b"Content-Length: 1\r\n\r\n"
    line.send(one + b"a" + one + b"b" + POST.replace(b"echo", b"unread") + b"Content-Length: 2")
    assert line.read().count(b"200 OK") == 2
    line.send(b"\r\n\r\ncc" + one + b"d")
    assert line.read().endswith(b"d")


def test_who_waits_for_leave_to_send_a_body_is_given_it_once(line: Line) -> None:
    line.send(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert line.read() == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.send(b"ok")
    answer = line.read()
    assert (answer.count(b"100 Continue"), answer[-2:]) == (0, b"ok")


def test_an_answer_that_is_not_read_leaves_no_thread_waiting(line: Line) -> None:
    line.send(HEALTH.replace(b"/healthz", b"/large") + b"\r\n")
    within(20, lambda: (line.turn(), line.conn.sock.kept)[1])
    assert len(line.conn.sock.kept) > len(LARGE) // 2
    assert line.worker.tpool.submit(lambda: "free").result(20) == "free"
    assert line.read().endswith(LARGE[-2_000_000:])


REFUSED = {
    "a body of 2 MB": (POST + b"Content-Length: 2000000\r\n\r\n", 413),
    "a byte too many": (POST + b"Content-Length: %d\r\n\r\n" % (MOST_BODY + 1), 413),
    "chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 411),
    "chunks and a length": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na", 400),
    "a length and chunks": (
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", 400),
    "an obscured coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\na", 501),
    "chunks twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\na", 400),
    "a space before the colon": (POST + b"Content-Length : 1\r\n\r\na", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\naa", 400),
    "two lengths in one": (POST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "a length below zero": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length with a sign": (POST + b"Content-Length: +1\r\n\r\na", 400),
    "a length that is none": (POST + b"Content-Length: one\r\n\r\n", 400),
    "a folded header": (POST + b"A: b\r\n c\r\n\r\n", 400),
    "bare line feeds": (b"GET /healthz HTTP/1.1\n\n", 400),
    "another protocol": (b"\x16\x03\x01 \r\n\r\n", 400),
    "a long address": (b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n", 414),
    "many headers": (HEALTH + b"A: b\r\n" * 70 + b"\r\n", 431),
    "a head without end": (HEALTH + b"A: " + b"b" * MOST_HEAD, 431),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_request_is_refused_and_the_connection_ends(line: Line, what: str) -> None:
    sent, status = REFUSED[what]
    answered, document = line.answer(sent)
    assert (answered, document["status"]) == (status, status)
    assert line.conn.lingers
    assert line.client.recv(1) == b""


def test_what_a_refused_client_still_sends_is_thrown_away(line: Line) -> None:
    line.send(POST + b"Content-Length: 2000000\r\n\r\n" + b"a" * 500_000)
    assert b" 413 " in line.read()
    assert (line.conn.incoming.request, len(line.conn.incoming.head)) == (None, 2**14)


def test_who_is_too_slow_is_told_so_and_who_is_idle_is_let_go(worker: PatientWorker) -> None:
    slow, body, idle = Line(worker), Line(worker), Line(worker)
    slow.send(HEALTH)
    body.send(POST + b"Content-Length: 10\r\n\r\nabc")
    for conn in worker.waiting:
        conn.until = 0.0
    worker.murder_keepalived()
    assert b" 408 " in slow.read()
    assert b" 408 " in body.read()
    assert idle.read() == b""
    assert idle.conn not in worker.waiting
    for one in (slow, body, idle):
        one.client.close()


def test_one_address_has_no_more_than_its_share(worker: PatientWorker) -> None:
    worker.open_from["127.0.0.1"] = serving.FROM_ONE_ADDRESS
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client:
            worker.accept(listener)
            client.settimeout(1)
            assert client.recv(1) == b""
        worker.cfg.set("forwarded_allow_ips", "127.0.0.0/8")
        with socket.create_connection(listener.getsockname()):
            worker.accept(listener)
            assert len(worker.waiting) == 1


def test_a_network_of_one_customer_counts_as_one_address(worker: PatientWorker) -> None:
    worker.open_from["2001:db8:1:2::/64"] = serving.FROM_ONE_ADDRESS
    theirs = ["2001:db8:1:2::7", "2001:db8:1:2:ffff::9", "2001:db8:1:3::7", "::ffff:192.0.2.1"]
    assert [serving.counted(one) for one in [*theirs, "192.0.2.1", ""]] == [
        "2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "192.0.2.1",
        "192.0.2.1", "",
    ]  # fmt: skip
    for address, stays in zip(theirs, (False, False, True, True), strict=True):
        ours, client = socket.socketpair()
        accept = SimpleNamespace(
            accept=lambda ours=ours, address=address: (ours, (address, 1, 0, 0)),
            getsockname=lambda: ("::", 80, 0, 0),
        )
        worker.accept(accept)
        assert (worker.open_from[serving.counted(address)] == 1) is stays
        client.close()
    assert worker.open_from["2001:db8:1:2::/64"] == serving.FROM_ONE_ADDRESS


def test_a_fault_is_told_without_its_words(line: Line, caplog) -> None:
    answered, document = line.answer(HEALTH.replace(b"/healthz", b"/broken") + b"\r\n")
    assert (answered, document["code"]) == (500, "internal_error")
    said = caplog.text
    assert "ValueError" in said
    assert "secret" not in said
    assert "/broken" not in said
