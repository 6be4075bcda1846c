"""A port that was picked for a server stays that server's until it has started."""

import socket

from config.embedded.ports import HOST, free_port, is_taken

MANY = 300


def test_no_port_is_given_twice() -> None:
    """A server takes seconds to start, and meanwhile others ask for ports."""
    assert len({free_port() for _ in range(MANY)}) == MANY


def test_a_server_may_ask_for_it() -> None:
    port = free_port()
    assert not is_taken(port)
    with socket.create_server((HOST, port)):  # which sets SO_REUSEADDR, as all servers do
        assert is_taken(port)
