"""An answer on its way out: what the client does not read yet is kept, so that no thread waits."""

import socket


class Outgoing:
    """The socket as gunicorn writes to it: a thread fills it, then the poller empties it.

    ``room`` is how many bytes may be kept; whoever leaves more unread loses the connection.
    """

    def __init__(self, sock: socket.socket, room: int) -> None:
        self.sock, self.room = sock, room
        self.kept = bytearray()
        self.sending = False

    def sendall(self, data: bytes) -> None:
        left = data if self.kept else memoryview(data)[self._send(data) :]
        if len(self.kept) + len(left) > self.room:
            raise BrokenPipeError(32, "more than is kept for a client that does not read")
        self.kept += left

    def flush(self) -> bool:
        """Hand over what the client takes; whether that was all."""
        del self.kept[: self._send(self.kept)]
        return not self.kept

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, how: int) -> None:
        """The worker ends the connection, when what is kept has gone."""

    def settimeout(self, seconds: float | None) -> None:
        """Nothing here waits."""

    def recv(self, size: int) -> bytes:  # noqa: ARG002 - as a socket's
        return b""

    def close(self) -> None:
        """See shutdown."""

    def _send(self, data: bytes | bytearray) -> int:
        """How many bytes the kernel took."""
        sent = 0
        with memoryview(data) as view:
            while sent < len(view):
                try:
                    sent += self.sock.send(view[sent:])
                except BlockingIOError:
                    break
        return sent
