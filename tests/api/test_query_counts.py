"""How many queries an answer takes does not depend on how much there is to answer."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from api.policy import POLICY
from api.urls import urlpatterns
from config.checks import SCHEMA
from dispatch.domain.ids import new_id
from dispatch.domain.people import Scope
from dispatch.domain.whose import pass_of, reach_of
from dispatch.models import (
    BrokenGlass,
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
from dispatch.services.service_accounts import make_service_account
from tests.api.matrix import NAMES
from tests.api.town import NEXT_DAY, ROOT, Client, Town
from tests.builders import COMPANIONS_PHONE, KETAMINE, NOW, TOMORROW, at
from tests.texting import write
from workers import work

MANY = 12
ALL_ROLES = os.environ.get("QUERIES") == "full"
OWN = {
    "companions", "consents", "contact", "locations", "me", "screenings/answers",
    "sharing-consents", "slots",
}  # fmt: skip
PREFERRED = ("bob", "dora", "anna", "nina", "alice")
ROLES = {name: role for role, name in NAMES.items()}
COPIED: tuple[type[Model], ...] = (
    BrokenGlass, Companion, Consent, Consult, ContactConsent, Location, Order, Supervision, Task,
    Verification, Vial, WebhookDelivery, WebhookEndpoint,
)  # fmt: skip
GETS = sorted(
    path.removeprefix(ROOT)
    for path, methods in yaml.safe_load(SCHEMA.read_text())["paths"].items()
    if "get" in methods
)
DOORS = {
    re.sub(r"<\w+:(\w+)>", r"{\1}", str(one.pattern)): one.callback.cls.__name__
    for one in urlpatterns
}  # fmt: skip
LISTS = {
    "break-glass", "companions", "consents", "inbound-texts", "locations",
    "nurses", "orders", "patients", "service-accounts", "supervisions", "tasks", "visits",
    "webhooks", "webhooks/{webhook_id}/deliveries",
}  # fmt: skip
"""Those that `grow` adds rows to."""
BY_KIND = {"patients/me/export", "patients/{patient_id}/export"}
"""They look once for each kind of row that there is about a patient: as many times as tables."""
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
        "glass_id": glass(town), "secret": calendar_secret(town),
    }  # fmt: skip
    if "job_id" in path:
        ids["job_id"] = town.plan if path.startswith("plans") else town.repair
    return path.format(**ids)


def glass(town: Town) -> UUID:
    """Of Bob, who opened Alice's record and may look at it."""
    found = BrokenGlass.objects.filter(market=town.market).order_by("opened_at").first()
    return found.id if found else town.broken


def calendar_secret(town: Town) -> str:
    """What the address of Nina's calendar ends with."""
    url = town.as_(town.nina).get_("nurses/me/calendar-link").json()["url"]
    return PurePosixPath(url).stem


def furnished(town: Town) -> Town:
    """One of everything that a list may show."""
    for name in (
        "assigned", "booked", "task", "duty", "delivery", "vial", "unsigned",
        "consent", "changed_order", "consult", "sharing", "overridden", "for_review", "carl",
    ):  # fmt: skip
        assert getattr(town, name)
    town.world.shift(town.world.nurse("another"))
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
    for number in range(6):
        write(COMPANIONS_PHONE, f"words {number}")
        program(town, number)
    for model in COPIED:
        row = model.objects.order_by("pk").first()
        if row is None:
            continue
        fields = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields}
        copies = [model(**{**fields, "id": new_id()}) for _ in range(MANY)]
        model.objects.bulk_create(copies, ignore_conflicts=True)


def program(town: Town, number: int) -> None:
    to_read = [Scope.BOARD_READ]
    make_service_account(f"Screen {number}", to_read, expires_at=at(12), by=town.anna, now=NOW)


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
    able = [name for name in PREFERRED if pass_of(allowed) or reach_of(allowed, ROLES[name])]
    if path in OWN and "alice" in able:
        return ["alice"]
    return able if ALL_ROLES else able[:1]


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
    town: Town, afterwards: bool
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
    assert not [one for one in differ if one[0] not in BY_KIND], differ
    tables = len(apps.get_models())
    assert all(queries < 2 * tables for (path, _), (queries, _) in many.items() if path in BY_KIND)
    grown = {path for path, name in few if many[path, name][1] > few[path, name][1]}
    short = sorted(LISTS & set(paths) - grown)
    assert not short


def test_booking_takes_as_many_queries_in_a_full_market_as_in_an_empty_one(town: Town) -> None:
    furnished(town).world.supervise(MANY)
    booked_with(town, "who finds caches empty")
    few = booked_with(town, "one of few")
    grow(town)
    assert booked_with(town, "one of many") == few


def test_a_visit_is_read_once(town: Town) -> None:
    bob, path = town.as_(town.bob), f"visits/{town.visit}"
    with CaptureQueriesContext(connection) as queries:
        assert bob.get_(path).status_code == 200
    told = [one["sql"] for one in queries.captured_queries]
    seen = (' "visit"."version" AS', ' "visit"."version",')
    assert sum(any(one in sql for one in seen) for sql in told) == 1


def booked_with(town: Town, name: str, hour: int = 13) -> list[int]:
    """Queries of the steps slots → hold → book of a new patient, for whom a nurse is free."""
    town.world.shift(town.world.nurse(f"nurse of {name}"))
    patient = town.world.patient(name)
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
