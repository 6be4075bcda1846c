"""The audit trail's anchors: files outside the database that say which seals there were.

One JSON object a line, oldest first, a file a month. Nothing in them is personal. A line says
``seal``, ``hash``, the last ``row``, the ``key``'s number and when; or ``accepted`` and
``because``, with a signature.
"""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.domain.trail import FIRST_KEY

NAME = "anchors-{:%Y-%m}.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which seal was known under which hash. ``because`` and ``mac`` where a person
    accepted that the trail ends there; ``number`` counts the lines of its file."""

    number: int
    at: str
    seal: int
    hash: bytes
    because: str = ""
    mac: bytes = b""
    key: int = FIRST_KEY


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that says nothing."""

    number: int
    at: str = ""


def write(folder: Path, at: datetime, **told: str | int) -> None:
    """Add a line, on the disk when this returns; OSError where it cannot be kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"at": at.isoformat(), **told}) + "\n"
    file = os.open(folder / NAME.format(at), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)


class Anchors:
    """What stood in these files and folders at the time of asking, and nothing written later."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        files = [
            file
            for place in places
            for file in (sorted(place.glob("*.jsonl")) if place.is_dir() else [place])
        ]
        self._files = [(file, file.stat().st_size) for file in files]

    def __bool__(self) -> bool:
        """False where nobody said where they stand."""
        return bool(self._places)

    def lines(self) -> Iterator[Line | Unreadable]:
        """All of them, by the time that they bear."""
        return heapq.merge(*(_lines(*one) for one in self._files), key=lambda line: line.at)


def _lines(file: Path, size: int) -> Iterator[Line | Unreadable]:
    at = ""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            size -= len(line)
            if size < 0:
                return
            try:
                found: Line | Unreadable = _line(number, json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                found = Unreadable(number, at)
            at = found.at
            yield found


def _line(number: int, told: dict[str, Any]) -> Line:
    at, known, key = str(told["at"]), bytes.fromhex(told["hash"]), int(told.get("key", FIRST_KEY))
    if "accepted" not in told:
        return Line(number, at, int(told["seal"]), known, key=key)
    mac = bytes.fromhex(told["mac"])
    return Line(number, at, int(told["accepted"]), known, told["because"], mac, key)
