"""What ends work from outside, and is nobody's fault: a message or an event that was under way then
is not to blame, and is not put off for it."""

from __future__ import annotations

_ends: list[type[Exception]] = []


def stop_for(kind: type[Exception]) -> None:
    """Let an exception of this kind pass whoever keeps one failure from holding others up."""
    if kind not in _ends:
        _ends.append(kind)


def ends() -> tuple[type[Exception], ...]:
    """Return the kinds of exception that end the work."""
    return tuple(_ends)
