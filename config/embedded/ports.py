"""Free ports on the loopback address."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """One that nobody else is given within the next minute, though nobody listens there yet.

    A connection that has just ended keeps the port from being picked, not from being asked for by
    its number: that is what servers do, with ``SO_REUSEADDR``.
    """
    with socket.socket() as probe, socket.socket() as client:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, 0))
        probe.listen(1)
        client.connect(probe.getsockname())
        ended, _ = probe.accept()
        ended.close()  # whoever closes first keeps its port
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether something listens there; a port merely cooling down after a stop counts as free."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
