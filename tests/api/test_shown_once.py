"""Secrets that an answer shows once are kept nowhere, and not told again under the same key."""

from __future__ import annotations

import json

import pytest
import yaml

from api.urls import urlpatterns
from config.checks import SCHEMA
from dispatch.models import IdempotencyRecord
from tests.api.service_operations import SERVICE_ACCOUNTS
from tests.api.story import told
from tests.api.town import Town

KEY = {"Idempotency_Key": "a key"}
ACCOUNT = SERVICE_ACCOUNTS[0].body
SECRETS = {
    "service-accounts": ("anna", ACCOUNT, "token"),
    "webhooks": ("anna", lambda _: {"url": "https://93.184.216.34/hook"}, "secret"),
    "webhooks/{webhook_id}/secret": ("anna", lambda _: None, "secret"),
    "nurses/me/calendar-link": ("nina", lambda _: None, "url"),
}
"""Doors by whose POST a secret is made: who asks, for what, and the field it is shown in."""
SECRET_NAMES = {"token", "secret", "url", "password", "link", "key"}
NO_SECRETS = {"consults"}
"""The link of a consult is shown for as long as the consult is."""


@pytest.mark.parametrize("path", SECRETS)
def test_it_is_null_when_the_answer_is_given_again(town: Town, path: str) -> None:
    name, body, field = SECRETS[path]
    client, sent = town.as_(getattr(town, name)), body(town)
    address = path.format(webhook_id=town.webhook) if "{" in path else path
    first = told(client.post_(address, sent, **KEY), 201)
    again = client.post_(address, sent, **KEY)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert told(again, 201) == first | {field: None}
    assert len(first[field]) > 30
    record = IdempotencyRecord.objects.get(key="a key")
    assert first[field] not in record.body
    assert json.loads(record.body)["answer"][field] is None


def test_no_other_door_that_takes_a_key_answers_a_secret() -> None:
    document = yaml.safe_load(SCHEMA.read_text())
    found = set()
    for path, methods in document["paths"].items():
        posted = methods.get("post", {"responses": {}})
        for code, answer in posted["responses"].items():
            for kind in answer.get("content", {}).values() if code[0] == "2" else ():
                name = kind["schema"].get("$ref", "").rpartition("/")[2]
                fields = document["components"]["schemas"].get(name, {}).get("properties", {})
                if SECRET_NAMES & fields.keys() and "Idempotency-Key" in str(posted):
                    found.add(path.removeprefix("/api/v1/"))
    assert found == SECRETS.keys() | NO_SECRETS


def test_the_doors_that_make_them_say_which_they_are() -> None:
    doors = {one.callback.cls for one in urlpatterns if getattr(one.callback, "cls", None)}
    saying = {one.__name__ for one in doors if getattr(one, "shown_once", None)}
    assert saying == {"MyCalendarLink", "ServiceAccounts", "WebhookSecret", "Webhooks"}
