"""The people of the stories with a day's shift before them, and clients that speak for them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from rest_framework.test import APIClient

from dispatch import tasking
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.series import Wish
from dispatch.domain.tasks import TaskKind
from dispatch.gateways.customers import Customers
from dispatch.models import (
    Companion,
    Location,
    Market,
    Series,
    Shift,
    Task,
    User,
)
from dispatch.models.clock import database_now
from dispatch.selectors.clock import market_now
from dispatch.selectors.proposals import absence_seen_by
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_visit
from dispatch.services.booking import book_series
from dispatch.services.plans import ask_for_plan
from dispatch.services.screening import record_screening
from dispatch.services.series import hold_series
from dispatch.services.webhooks import add_webhook, try_webhook
from tests.answers import CLEARED
from tests.api.agreeing import fault_of_answer
from tests.api.clinic import Clinic
from tests.builders import KETAMINE, NOW, TOMORROW, World, at
from workers import planning

WEEKLY = "ketamine_weekly_then_monthly"
ROOT = "/api/v1/"
JSON = "application/json"
PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "code", "detail", "errors"}
NEXT_DAY = {"from": TOMORROW.isoformat(), "to": TOMORROW.isoformat()}


class Client(APIClient):
    """Sends JSON to the API; ``text`` goes out as it stands.

    Whatever a test asks, the answer must be as the document has it.
    """

    def generic(self, method: str, path: str, *how: Any, **more: Any) -> Any:
        answer = super().generic(method, path, *how, **more)
        fault = fault_of_answer(method.upper(), path.partition("?")[0], answer)
        assert fault is None, fault
        return answer

    def ask(self, method: str, path: str, body: Any = None, *, text: str | None = None, **more):
        sent = text if text is not None else "" if body is None else json.dumps(body)
        kind = more.pop("content_type", JSON)
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        return self.generic(method, ROOT + path, sent, content_type=kind, headers=headers)

    def get_(self, path: str, **query: str):
        return self.get(ROOT + path, query)

    def post_(self, path: str, body: Any = None, **headers: str):
        return self.ask("POST", path, body, **headers)


STEPS = ("depart", "arrive", "start-infusion", "end-infusion", "discharge", "complete")


class Town(Clinic):
    """Alice's home, her companion Carl, and Nina on shift tomorrow from 8 to 18."""

    def __init__(self, name: str = "Washington") -> None:
        self.world = World(name)
        self.market = self.world.market
        self.set_clock(NOW)
        self.alice, self.bob = self.world.alice, self.world.bob
        self.dora, self.anna = self.world.dora, self.world.anna
        self.nina = self.world.nurse("nina")
        self.shift: Shift = self.world.shift(self.nina)

    def set_clock(self, now: datetime) -> None:
        """From here on the market's clock goes by itself, as anywhere."""
        Market.objects.filter(id=self.market.id).update(clock_offset=now - database_now())

    def now(self) -> datetime:
        return market_now(self.market.id)

    def as_(self, actor: Actor) -> Client:
        client = Client()
        client.force_authenticate(User.objects.get(id=actor.user_id))
        return client

    @cached_property
    def home(self) -> Location:
        return self.world.home(self.alice)

    @cached_property
    def carl(self) -> Companion:
        return self.world.companion(self.alice)

    @cached_property
    def visit(self) -> UUID:
        """Tomorrow at ten, with Carl, booked and not yet assigned."""
        return self.world.book(self.home, self.alice, at(10), companion=self.carl)

    @cached_property
    def assigned(self) -> UUID:
        assign_visit(self.visit, now=NOW)
        return self.visit

    @cached_property
    def hold(self) -> UUID:
        return self.hold_at(14)

    def hold_at(self, hour: int) -> UUID:
        (slot,) = (one for one in self.world.slots(self.home) if one.start == at(hour))
        return self.world.hold(slot, self.home, self.alice)

    @cached_property
    def weekly(self) -> dict[str, Any]:
        """The body that asks for a series, and Nina on shift on three days for it."""
        for days in (1, 8, 15):
            self.world.shift(self.nina, TOMORROW + timedelta(days=days))
        return {"protocol": WEEKLY, "location": str(self.home.id)}

    @cached_property
    def series(self) -> UUID:
        """Three infusions, held."""
        body = self.weekly
        return hold_series(
            location_id=UUID(body["location"]), protocol_code=body["protocol"],
            wish=Wish(), by=self.alice, now=NOW,
        )  # fmt: skip

    @cached_property
    def booked(self) -> UUID:
        """Three infusions, booked."""
        book_series(self.series, companion_id=None, by=self.alice, now=NOW)
        return self.series

    @cached_property
    def paused(self) -> UUID:
        """Booked, and stopped until Dora has looked; Alice is cleared."""
        record_screening(
            patient_id=None, protocol_code=WEEKLY, answers=CLEARED, by=self.alice, now=NOW
        )
        Series.objects.filter(id=self.booked).update(state="paused")
        return self.booked

    @cached_property
    def task(self) -> UUID:
        """Something for Bob to look at."""
        about = new_id()
        tasking.open_task(
            TaskKind.VISIT_SUSPENDED, about, market_id=self.market.id, reason="Asked.", now=NOW
        )
        return Task.objects.values_list("id", flat=True).get(subject_id=about)

    @cached_property
    def asked_plan(self) -> UUID:
        """Tomorrow's plan, asked for and not yet worked out."""
        return ask_for_plan(TOMORROW, 1, by=self.bob, now=NOW)

    @cached_property
    def plan(self) -> UUID:
        assert self.assigned
        job_id = self.asked_plan
        planning.work_out_plans()
        return job_id

    @cached_property
    def absence(self) -> UUID:
        """Nina is away tomorrow, and Alice counts on her."""
        assert self.assigned
        return record_absence(
            self.nina.person_id, at(0), at(23), reason="ill", by=self.bob, now=NOW
        )

    @cached_property
    def repair(self) -> UUID:
        job_id = absence_seen_by(self.bob, self.absence).repair
        planning.work_out_plans()
        assert job_id is not None
        return job_id

    @cached_property
    def duty(self) -> UUID:
        """Dora watches, two infusions at once."""
        return self.world.supervise(2).id

    @cached_property
    def webhook(self) -> UUID:
        """A receiver of Anna's, to which nobody has called yet."""
        url = "https://93.184.216.34/hook"
        return add_webhook(url, [], to=Customers(), by=self.anna, now=NOW)[0]

    @cached_property
    def delivery(self) -> UUID:
        return try_webhook(self.webhook, by=self.anna, now=NOW)

    @cached_property
    def slot(self) -> str:
        """The id of a slot tomorrow, as the patient is offered it."""
        offered = self.as_(self.alice).get_(
            "slots", protocol=KETAMINE, location=str(self.home.id), **NEXT_DAY
        )
        return offered.json()["results"][-1]["id"]


def asked(window: tuple[datetime, datetime], home: Location) -> dict[str, Any]:
    """The body that asks for a treatment at any time within the window."""
    start, end = (moment.isoformat() for moment in window)
    return {
        "protocol": KETAMINE,
        "location": str(home.id),
        "window": {"start": start, "end": end},
    }


LOOKS_ALONE = {
    "audit_entry": "WHERE verb NOT IN ('read', 'denied')",
    "audit_unsealed": "WHERE false",
}
"""That somebody looked, or was not let in, is noted; nothing else may change with it."""


def digest_of_all_rows() -> str:
    """One digest over every row of every table, as PostgreSQL has them: but for who looked, and
    for counts of requests, which stand there whenever the cache was slow to answer."""
    with connection.cursor() as cursor:
        tables = sorted({*connection.introspection.table_names(cursor)} - {"limit_count"})
        parts = (
            f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text))"  # noqa: S608
            f' FROM "{name}" t {LOOKS_ALONE.get(name, "")}'
            for name in tables
        )
        cursor.execute(" UNION ALL ".join(f"({part})" for part in parts))
        return hashlib.sha256(repr(sorted(cursor.fetchall())).encode()).hexdigest()


def fault_of(answer: Any, *, field: str | None = None, status: int | None = None) -> str | None:
    """Say what is wrong with a refusal; None for a whole problem document that names the field."""
    if not 400 <= answer.status_code < 500 or (status and answer.status_code != status):
        return f"answered {answer.status_code} {answer.content[:300]!r}"
    if answer.headers["Content-Type"] != PROBLEM:
        return f"is {answer.headers['Content-Type']}"
    body = answer.json()
    if not body.keys() >= MEMBERS or body["status"] != answer.status_code or not body["detail"]:
        return f"is no whole problem: {body}"
    named = [error["field"] for error in body["errors"]]
    if field is not None and not any(one.startswith(field) for one in named):
        return f"names {named} instead of {field}: {body}"
    return None


def assert_problem(answer: Any, status: int, code: str | None = None, field: str | None = None):
    """Check a refusal, and return its document."""
    fault = fault_of(answer, field=field, status=status)
    assert fault is None, fault
    body = answer.json()
    assert code is None or body["code"] == code, body
    return body
