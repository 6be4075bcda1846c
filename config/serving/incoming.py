"""A request as its bytes come in: read by gunicorn's parser once its head is there, then filled."""

import re
from http import HTTPStatus
from typing import Any

from gunicorn.http.body import LengthReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.message import Request
from gunicorn.http.unreader import Unreader

from config.serving.refusals import Refused

MOST_HEAD = 2**16
MOST_BODY = 2**20
"""As DATA_UPLOAD_MAX_MEMORY_SIZE: what Django would refuse is not taken in."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class Held(Unreader):  # type: ignore[misc]
    """What has come in so far; it never waits for more."""

    def __init__(self, held: bytes) -> None:
        super().__init__()
        self.unread(held)

    def chunk(self, size_hint: int | None = None) -> bytes:  # noqa: ARG002 - gunicorn's signature
        return b""

    def add(self, more: bytes) -> None:
        self.buf.seek(0, 2)
        self.buf.write(more)

    def __len__(self) -> int:
        return int(self.buf.getbuffer().nbytes)


class Incoming:
    """One request: its head as bytes, then ``request`` with what there is of its body."""

    def __init__(self, cfg: Any, client: Any) -> None:
        self.cfg, self.client = cfg, client
        self.head = bytearray()
        self.held = Held(b"")
        self.request: Any = None
        self.waits_for_continue = False

    @property
    def begun(self) -> bool:
        return bool(self.head) or self.request is not None

    @property
    def length(self) -> int:
        """Bytes of the body, once the head is there."""
        return 0 if self.request is None else int(self.request.body.reader.length)

    def take(self, more: bytes) -> bool:
        """Whether the request is whole; raises what the client is to be refused for."""
        if self.request is not None:
            self.held.add(more)
            return len(self.held) >= self.length
        self.head += more
        if not _END_OF_HEAD.search(self.head):
            if len(self.head) > MOST_HEAD:
                raise LimitRequestHeaders("the head does not end")
            return False
        self._read_head()
        return len(self.held) >= self.length

    def rest(self) -> bytes:
        """What came in behind the request, the body of which may not have been read."""
        while self.request.body.read(2**16):
            pass
        return bytes(self.held.take_buffered())

    def _read_head(self) -> None:
        self.held = Held(bytes(self.head))
        request = Request(self.cfg, self.held, self.client)
        if not isinstance(request.body.reader, LengthReader):
            raise Refused(
                HTTPStatus.LENGTH_REQUIRED, "A body comes with its length, not in chunks."
            )
        if request.body.reader.length > MOST_BODY:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {MOST_BODY} bytes."
            )
        self.waits_for_continue = bool(request._expected_100_continue)
        request._expected_100_continue = False
        self.request = request
