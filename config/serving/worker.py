"""A gunicorn worker that gives a thread only to whole requests.

gunicorn's own threaded worker hands a connection to a thread as soon as it is there: sixteen
clients that send a byte a second take all threads of two processes. Here the poller collects each
request and sends what is left of each answer. Whoever is slower than `allowed_s` is let go.
"""

import selectors
import socket
import time
from collections import Counter
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from config.serving.incoming import CONTINUE, Incoming
from config.serving.outgoing import Outgoing
from config.serving.refusals import Refused, as_bytes, refusal_of

PATIENCE_S = 10.0
"""For a head, and for what the rate does not allow."""
SLOWEST = 2**14
"""Bytes a second, of a body or an answer."""
LINGER_S = 2.0
"""How long a refused client may go on sending: were it cut off, it would not see the refusal."""
FROM_ONE_ADDRESS = 250
"""Connections to one process at once, from an address that is not a proxy of ours."""
NET_OF_ONE = 64
"""Bits of an IPv6 address that tell one customer of a provider from another."""
KEPT = 2**26
"""Bytes of answers that one process keeps for those who read slowly."""
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
GONE = Refused(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.")


def allowed_s(size: int) -> float:
    """Seconds in which so many bytes have to go over the line."""
    return PATIENCE_S + size / SLOWEST


def counted(address: str) -> str:
    """Return what connections from an address are counted by; of an IPv6 address, its network."""
    if not address:
        return address  # a socket in the file system
    peer = ip_address(address)
    if not isinstance(peer, IPv6Address):
        return address
    if peer.ipv4_mapped:
        return str(peer.ipv4_mapped)
    return str(ip_network((int(peer), NET_OF_ONE), strict=False))


class Connection:
    """A client, the request that comes in from it and the answer that goes out."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        self.cfg, self.client, self.server = cfg, client, server
        self.raw = sock
        self.sock = Outgoing(sock, KEPT)
        self.incoming = Incoming(cfg, client)
        self.until = 0.0
        self.lingers = False
        self.reusable = False
        self.counted = counted(self.address)

    @property
    def address(self) -> str:
        return str(self.client[0]) if isinstance(self.client, tuple) else ""


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """The main thread owns a connection but while a request of it is in a thread."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.waiting: set[Connection] = set()
        self.open_from: Counter[str] = Counter()
        self.next_look = 0.0

    def accept(self, listener: socket.socket) -> None:
        try:
            sock, client = listener.accept()
        except OSError:
            return  # another process took it, or it went away
        sock.settimeout(0)
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        self.nr_conns += 1
        self.open_from[conn.counted] += 1
        if self.open_from[conn.counted] > FROM_ONE_ADDRESS and not self._is_proxy(conn.address):
            self._drop(conn)
            return
        self._wait(conn, READ, PATIENCE_S)

    def on_event(self, conn: Connection, _sock: socket.socket) -> None:
        """The client has sent something, or takes more of its answer."""
        if conn.sock.kept:
            self._send_rest(conn)
            return
        try:
            more = conn.raw.recv(2**16)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._drop(conn)
        elif not conn.lingers:
            self._take(conn, more)

    def handle(self, conn: Connection) -> bool:
        """In a thread: answer the request; whether the connection can be used again."""
        try:
            return bool(self.handle_request(conn.incoming.request, conn))
        except (StopIteration, errors.NoMoreData):
            return False
        except OSError:
            conn.sock.kept.clear()  # the client has gone, or leaves too much unread
            return False
        except Exception as error:  # noqa: BLE001 - the last door
            self.handle_error(conn.incoming.request, conn.sock, conn.client, error)
            return False

    def finish_request(self, conn: Connection, done: "Future[bool]") -> None:
        conn.reusable = not done.cancelled() and done.exception() is None and done.result()
        self._send_rest(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Say no more than the kind of the fault: requests hold secret links."""
        refused = refusal_of(exc)
        if refused.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("A request could not be answered: %s", type(exc).__name__)
        client.sendall(as_bytes(refused))

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002
        """Let go those whose time is over; looked for once in a while."""
        now = time.monotonic()
        if now < self.next_look and not force:
            return
        self.next_look = now + 0.5
        for conn in [one for one in self.waiting if force or one.until < now]:
            if conn.incoming.begun and not (conn.sock.kept or conn.lingers or force):
                self._refuse(conn, GONE)
            else:
                self._drop(conn)

    def murder_pending(self) -> None:
        """There is one list of those who wait."""

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that stops waits no longer than this for requests that are not whole."""
        for conn in self.waiting:
            if not conn.sock.kept:
                conn.until = min(conn.until, deadline)

    def _is_proxy(self, address: str) -> bool:
        proxies = self.cfg.forwarded_allow_ips
        return "*" in proxies or any(ip_address(address) in ip_network(one) for one in proxies)

    def _take(self, conn: Connection, more: bytes) -> None:
        was_begun, had_head = conn.incoming.begun, conn.incoming.request is not None
        try:
            whole = conn.incoming.take(more)
        except Exception as error:  # noqa: BLE001 - whatever the parser does not take
            self._refuse(conn, refusal_of(error))
            return
        if whole:
            self._rest(conn)
            self.enqueue_req(conn)
        elif not had_head and conn.incoming.request is not None:
            if conn.incoming.waits_for_continue:
                conn.sock.sendall(CONTINUE)
            self._wait(conn, READ, allowed_s(conn.incoming.length))
        elif not was_begun:
            self._wait(conn, READ, PATIENCE_S)

    def _refuse(self, conn: Connection, refused: Refused) -> None:
        conn.reusable = False
        try:
            conn.sock.sendall(as_bytes(refused))
        except OSError:
            self._drop(conn)
            return
        self._send_rest(conn)

    def _send_rest(self, conn: Connection) -> None:
        try:
            gone = conn.sock.flush()
        except OSError:
            self._drop(conn)
            return
        if not gone:
            self._wait_to_send(conn)
        elif conn.reusable:
            self._begin_anew(conn)
        else:
            self._linger(conn)

    def _wait_to_send(self, conn: Connection) -> None:
        """The time is for the whole of it, not anew for each byte that is taken."""
        if conn in self.waiting and conn.sock.sending:
            return
        kept = sum(len(one.sock.kept) for one in self.waiting) + len(conn.sock.kept)
        if kept > KEPT:
            self._drop(conn)
            return
        conn.sock.sending = True
        self._wait(conn, WRITE, allowed_s(len(conn.sock.kept)))

    def _begin_anew(self, conn: Connection) -> None:
        """The next request of the connection, of which some may be here already."""
        behind = conn.incoming.rest()
        conn.incoming = Incoming(self.cfg, conn.client)
        conn.sock.sending = False
        self._wait(conn, READ, self.cfg.keepalive)
        if behind:
            self._take(conn, behind)

    def _linger(self, conn: Connection) -> None:
        conn.lingers = True
        try:
            conn.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        self._wait(conn, READ, LINGER_S)

    def _wait(self, conn: Connection, events: int, seconds: float) -> None:
        conn.until = time.monotonic() + seconds
        if conn in self.waiting:
            self.poller.modify(conn.raw, events, partial(self.on_event, conn))
        else:
            self.waiting.add(conn)
            self.poller.register(conn.raw, events, partial(self.on_event, conn))

    def _rest(self, conn: Connection) -> None:
        if conn in self.waiting:
            self.waiting.discard(conn)
            self.poller.unregister(conn.raw)

    def _drop(self, conn: Connection) -> None:
        self._rest(conn)
        self.nr_conns -= 1
        self.open_from[conn.counted] -= 1
        if not self.open_from[conn.counted]:
            del self.open_from[conn.counted]
        conn.raw.close()
