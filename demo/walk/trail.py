"""What the walk shows: a line for every step that held, and the nurse's day at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table

T = TypeVar("T")

PATIENCE_S = 30.0
EVERY_S = 0.15

console = Console(stderr=True, highlight=False)


class StepFailed(Exception):
    """A step did not hold."""

    def __init__(self, what: str, expected: object, found: object) -> None:
        super().__init__(f"{what}: expected {expected}, found {found}")


def done(what: str, detail: object = "") -> None:
    """Tell of a step that held."""
    console.print(f" [green]✓[/green] {what}  [dim]{detail}[/dim]")


def expect(what: str, expected: object, found: object) -> None:
    """Raise StepFailed where the two differ."""
    if expected != found:
        raise StepFailed(what, expected, found)


def require(what: str, *, holds: bool) -> None:
    """Raise StepFailed where something does not hold."""
    if not holds:
        raise StepFailed(what, "to hold", "it does not")


def wait_until(what: str, ask: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Ask again and again until the answer holds, and return it; StepFailed after a while."""
    deadline = time.monotonic() + PATIENCE_S
    with console.status(f"waiting: {what}"):
        while not holds(found := ask()):
            if time.monotonic() > deadline:
                raise StepFailed(f"{what} within {PATIENCE_S:.0f} s", "to hold", found)
            time.sleep(EVERY_S)
    return found


def show_route(nurse: str, route: dict[str, Any], zone: str) -> None:
    """Print the nurse's day as a table, by the clocks of the place."""
    table = Table(title=f"{nurse}, {route['date']}", box=box.SIMPLE_HEAD, padding=0)
    for heading in ("leaves", "drive", "starts", "ends", "window", "ZIP", "place", "status"):
        table.add_column(heading, justify="right" if heading == "drive" else "left")
    for stop in route["stops"]:
        table.add_row(
            _clock(stop["leave_at"], zone),
            f"{stop['travel_s'] / 60:.0f} min",
            _clock(stop["start_at"], zone),
            _clock(stop["end_at"], zone),
            f"{_clock(stop['window_start'], zone)}–{_clock(stop['window_end'], zone)}",
            stop["zip_code"],
            stop["location_kind"],
            stop["status"],
        )
    console.print(table)


def _clock(text: str, zone: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(zone)):%H:%M}"
