"""Where the walk takes place: the service, its logins, and the market's movable clock."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.walk.client import Client
from demo.walk.trail import done, expect, require, wait_until

LOGINS = Path(__file__).parents[2] / "var" / "demo.json"
SECOND = timedelta(seconds=1)
"""What is due at an instant is due just after it."""


@dataclass(frozen=True)
class Stage:
    """The service's address and the logins by role."""

    url: str
    logins: dict[str, dict[str, str]]

    @classmethod
    def found(cls) -> Stage:
        """Read what `make run` wrote; the address may be given as URL."""
        demo = json.loads(LOGINS.read_text())
        return cls(os.environ.get("URL") or demo["url"], demo["logins"])

    @property
    def anyone(self) -> Client:
        """Somebody who is not signed in."""
        return Client(self.url)

    @cached_property
    def patient(self) -> Client:
        return self._as("patient")

    @cached_property
    def dispatcher(self) -> Client:
        return self._as("dispatcher")

    @cached_property
    def prescriber(self) -> Client:
        return self._as("prescriber")

    @cached_property
    def administrator(self) -> Client:
        return self._as("administrator")

    @cached_property
    def market(self) -> dict[str, Any]:
        market: dict[str, Any] = self.administrator.get("me")["market"]
        return market

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.market["zone"])

    def nurse(self, username: str) -> Client:
        return self.anyone.signed_in(username, self.logins["nurse"]["password"])

    def now(self) -> datetime:
        return datetime.fromisoformat(self.administrator.get("me")["market"]["now"])

    def today(self) -> date:
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """The market's day at an instant."""
        return moment.astimezone(self.zone).date()

    def at(self, day: date, hour: int) -> datetime:
        """The instant of a full hour by the market's clocks."""
        return datetime.combine(day, time(hour), self.zone).astimezone(UTC)

    def move_clock_to(self, moment: datetime) -> None:
        """Move the market's clock forward to just after the moment, if it is not there yet."""
        ahead = moment + SECOND - self.now()
        if ahead > SECOND:
            step = {"advance_s": int(ahead.total_seconds()) + 1}
            moved = self.administrator.post(f"markets/{self.market['id']}/clock", step)
            require("the clock has moved", holds=datetime.fromisoformat(moved["now"]) >= moment)

    def wait_until_all_is_sent(self) -> None:
        """Nothing is due in the whole market: no event, no visit to assign, no message."""

        def due() -> tuple[int, int, int]:
            found = json.loads(self.anyone.page("/readyz"))["due"]
            return found["events"], found["visits"], found["messages"]

        wait_until("every message that is due is sent", due, lambda found: not any(found))

    def _as(self, role: str) -> Client:
        login = self.logins[role]
        client = self.anyone.signed_in(**login)
        expect(f"{role} is signed in", role, client.get("me")["role"])
        done(f"{role} signs in", login["username"])
        return client
