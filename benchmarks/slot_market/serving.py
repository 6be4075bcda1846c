"""The drawn market in a real PostgreSQL behind the real application, all in this one process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.slot_market.drawing import DAYS, TRAVEL
from config.embedded.servers import CHECKOUT, throwaway
from dispatch import tenancy
from dispatch.domain.limits import lifted

if TYPE_CHECKING:
    from django.test import Client

    from dispatch.planning.problem import Shift


@dataclass
class Served:
    """A dispatcher's connection to the service, and the homes to ask for."""

    client: Client
    headers: dict[str, str]
    homes: list[str]
    visits: int
    start: datetime
    offered: int = 0
    last: list[dict[str, Any]] = field(default_factory=list)

    def slots(self, number: int) -> None:
        """Ask for all slots of the fortnight at one of the homes."""
        end = self.start + timedelta(days=DAYS)
        asked = {
            "protocol": "ketamine_six_induction",
            "location": self.homes[number % len(self.homes)],
            "from": self.start.isoformat(),
            "to": end.isoformat(),
        }
        answer = self.client.get("/api/v1/slots", asked, headers=self.headers)
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
        self.last = answer.json()["results"]
        self.offered += len(self.last)

    def hold_series(self, number: int) -> str | None:
        """Hold an induction for one of the homes; the series, or None where none can be served."""
        answer = self.client.post(
            "/api/v1/series",
            {"protocol": "ketamine_six_induction", "location": self.homes[number]},
            content_type="application/json",
            headers=self.headers | {"Idempotency-Key": f"series-{number}"},
        )
        if answer.status_code not in {201, 409}:
            raise RuntimeError(answer.content)
        held: str | None = answer.json().get("id")
        return held

    def book_series(self, held: str) -> None:
        """Book what was held."""
        answer = self.client.post(
            f"/api/v1/series/{held}/book", {}, content_type="application/json",
            headers=self.headers,
        )  # fmt: skip
        if answer.status_code != 201:
            raise RuntimeError(answer.content)

    def hold_one(self) -> None:
        """Take one of the slots that were last shown."""
        slot = self.last[self.offered % len(self.last)]["id"]
        answer = self.client.post(
            "/api/v1/holds",
            {"slot": slot},
            content_type="application/json",
            headers=self.headers | {"Idempotency-Key": f"benchmark-{self.offered}"},
        )
        if answer.status_code != 201:
            raise RuntimeError(answer.content)


@contextmanager
def served(shifts: Sequence[Shift]) -> Iterator[Served]:
    """The service over a database of its own, gone afterwards."""
    with throwaway() as servers:
        os.environ.update(
            servers.environment(), DJANGO_SETTINGS_MODULE="config.settings", LIMITS=lifted()
        )
        for command in (["migrate", "--no-input", "--verbosity=0"], ["grant_application_role"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, check=True)
        import django

        django.setup()
        from django.db import connections

        try:
            yield _town(shifts)
        finally:
            connections.close_all()


@tenancy.everywhere()
def _town(shifts: Sequence[Shift]) -> Served:
    from django.test import Client
    from rest_framework_simplejwt.tokens import AccessToken

    from benchmarks.slot_market.filling import fill
    from dispatch.services.sign_in import begin_sign_in

    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    start = datetime.combine(tomorrow, time(), UTC)
    filled = fill(shifts, start, TRAVEL)
    token = AccessToken()
    token["user_id"] = str(filled.dispatcher)
    token["family"] = str(begin_sign_in(filled.dispatcher, now=datetime.now(UTC)))
    token.set_exp(lifetime=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {token}", "Host": "127.0.0.1"}
    homes = [str(one) for one in filled.homes]
    return Served(Client(), headers, homes, filled.visits, start)
