"""How many queries an answer takes does not depend on how much there is to answer."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from api.policy import ANYONE, POLICY
from api.urls import urlpatterns
from config.checks import SCHEMA
from dispatch.domain.ids import new_id
from dispatch.domain.people import Role
from dispatch.models import (
    Companion,
    Consent,
    Consult,
    ContactConsent,
    Location,
    Order,
    Supervision,
    Task,
    Verification,
    Vial,
    WebhookDelivery,
    WebhookEndpoint,
)
from dispatch.services.assignment import assign_visit
from tests.api.matrix import NAMES
from tests.api.town import NEXT_DAY, ROOT, Client, Town
from tests.builders import KETAMINE, NOW, TOMORROW, at
from workers import work

MANY = 12
ALL_ROLES = os.environ.get("QUERIES") == "full"
OWN = {"contact", "locations", "companions", "consents", "sharing-consents", "slots", "me"}
PREFERRED = ("bob", "dora", "anna", "nina", "alice")
COPIED: tuple[type[Model], ...] = (
    Companion, Consent, Consult, ContactConsent, Location, Order, Supervision, Task, Verification,
    Vial, WebhookDelivery, WebhookEndpoint,
)  # fmt: skip
GETS = sorted(
    path.removeprefix(ROOT)
    for path, methods in yaml.safe_load(SCHEMA.read_text())["paths"].items()
    if "get" in methods
)
DOORS = {
    str(one.pattern).replace("<uuid:", "{").replace("<slug:", "{").replace(">", "}"):
    one.callback.cls.__name__
    for one in urlpatterns
}  # fmt: skip
LISTS = {
    "companions", "consents", "consults", "locations", "messages", "nurses", "orders", "patients",
    "supervisions", "tasks", "vials", "visits", "webhooks", "webhooks/{webhook_id}/deliveries",
}  # fmt: skip
"""Those that `grow` adds rows to."""
A_MONTH = {"from": TOMORROW.isoformat(), "to": (TOMORROW + timedelta(days=25)).isoformat()}


AFTERWARDS = {"visits/{visit_id}/superbill", "visits/{visit_id}/record", "verifications"}


def asked_of(town: Town) -> dict[str, dict[str, Any]]:
    """What has to be asked, where it is more than the address."""
    return {
        "board": {"date": TOMORROW.isoformat(), "market": str(town.market.id)},
        "custody/inventory": A_MONTH,
        "nurses/me/route": {"date": TOMORROW.isoformat()},
        "patients/{patient_id}/course": {"protocol": KETAMINE},
        "screenings/answers": {"protocol": KETAMINE},
        "slots": {"protocol": KETAMINE, "location": str(town.home.id), **NEXT_DAY},
        "verifications": A_MONTH,
    }


def address(town: Town, path: str) -> str:
    ids = {
        "code": KETAMINE, "patient_id": town.alice.person_id, "visit_id": town.visit,
        "series_id": town.booked, "webhook_id": town.webhook, "screening_id": town.for_review,
    }  # fmt: skip
    if "job_id" in path:
        ids["job_id"] = town.plan if path.startswith("plans") else town.repair
    return path.format(**ids)


def furnished(town: Town) -> Town:
    """One of everything that a list may show."""
    for name in (
        "assigned", "booked", "task", "duty", "delivery", "vial", "unsigned",
        "consent", "changed_order", "consult", "sharing", "overridden", "for_review", "carl",
    ):  # fmt: skip
        assert getattr(town, name)
    work.deliver_events()
    return town


def grow(town: Town) -> None:
    """More patients with visits on more routes, and more rows of whatever lists show."""
    for hour in (13, 16):
        visit(town, f"patient at {hour}", hour)
    for number in range(3):
        town.world.shift(town.world.nurse(f"nurse {number}"))
    for number in range(6):
        visit(town, f"patient {number}", (9, 12, 15)[number % 3])
    work.deliver_events()
    for model in COPIED:
        row = model.objects.order_by("pk").first()
        if row is None:
            continue
        fields = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields}
        copies = [model(**{**fields, "id": new_id()}) for _ in range(MANY)]
        model.objects.bulk_create(copies, ignore_conflicts=True)


def visit(town: Town, name: str, hour: int) -> None:
    patient = town.world.patient(name)
    slots = town.world.slots(home := town.world.home(patient))
    if any(one.start == at(hour) for one in slots):
        assign_visit(town.world.book(home, patient, at(hour)), now=NOW)


def counted(client: Client, path: str, **query: str) -> tuple[int, Any]:
    """Queries of the second of two equal calls, as the first one may have filled a cache."""
    client.get_(path, **query)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get_(path, **query)
    return len(queries), answer


def people_for(path: str) -> list[str]:
    allowed = POLICY[DOORS[path]]["GET"]
    able = [name for name in PREFERRED if allowed is ANYONE or Role(role_of(name)) in allowed]
    if path in OWN and "alice" in able:
        return ["alice"]
    return able if ALL_ROLES else able[:1]


def role_of(name: str) -> Role:
    return next(role for role, one in NAMES.items() if one == name)


def measured(town: Town, paths: list[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """Queries, and rows where it is a list, by path and person."""
    found, refused = {}, {}
    for path in paths:
        for name in people_for(path):
            client, query = town.as_(getattr(town, name)), asked_of(town).get(path, {})
            queries, answer = counted(client, address(town, path), **query)
            if answer.status_code != 200:
                refused[path, name] = answer.content
                continue
            told = answer.json() if "json" in answer["Content-Type"] else {}
            rows = told.get("results", told) if isinstance(told, dict) else told
            found[path, name] = queries, len(rows)
    assert not refused
    return found


@pytest.mark.parametrize("afterwards", [False, True])
def test_every_answer_takes_as_many_queries_for_many_rows_as_for_few(
    town: Town, afterwards: bool, record_property
) -> None:
    furnished(town)
    paths = [one for one in GETS if (one in AFTERWARDS) is afterwards]
    if afterwards:
        assert town.completed
        assert town.verification
    few = measured(town, paths)
    grow(town)
    many = measured(town, paths)
    differ = {one: (few[one], many[one]) for one in few if few[one][0] != many[one][0]}
    record_property("queries", {f"{path} by {name}": many[path, name][0] for path, name in many})
    assert not differ
    grown = {path for path, name in few if many[path, name][1] > few[path, name][1]}
    assert grown >= LISTS & set(paths)


def test_booking_takes_as_many_queries_in_a_full_market_as_in_an_empty_one(town: Town) -> None:
    few = booked_with(town, 13)
    grow_visits = furnished(town)
    grow(grow_visits)
    town.world.shift(town.world.nurse("last"))
    assert booked_with(town, 16) == few


def test_a_visit_is_read_once(town: Town) -> None:
    bob, path = town.as_(town.bob), f"visits/{town.visit}"
    with CaptureQueriesContext(connection) as queries:
        assert bob.get_(path).status_code == 200
    told = [one["sql"] for one in queries.captured_queries]
    assert sum(' "visit"."version" AS' in one or ' "visit"."version",' in one for one in told) == 1


def booked_with(town: Town, hour: int) -> list[int]:
    """Queries of the steps slots → hold → book of a new patient."""
    patient = town.world.patient(f"books at {hour}")
    home, client = town.world.home(patient), town.as_(patient)
    asked = {"protocol": KETAMINE, "location": str(home.id), **NEXT_DAY}
    slots, answer = counted(client, "slots", **asked)
    offered = next(
        one for one in answer.json()["results"] if one["start"].startswith(f"{TOMORROW}T{hour}")
    )
    with CaptureQueriesContext(connection) as hold:
        held = client.post_("holds", {"slot": offered["id"]})
    with CaptureQueriesContext(connection) as book:
        booked = client.post_("visits", {"hold": held.json()["id"]})
    assert (held.status_code, booked.status_code) == (201, 201)
    return [slots, len(hold), len(book)]
