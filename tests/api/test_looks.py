"""Who looked stands in the audit trail: each door that shows people's data or stays shut."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client as Browser

from api.door import Door
from api.policy import POLICY
from api.trail import NOTHING_PERSONAL, SEARCHES
from api.urls import urlpatterns
from dispatch.domain.people import Role
from dispatch.models import AuditEntry
from tests.api.town import NEXT_DAY, Town
from tests.builders import KETAMINE, PHONE, TOMORROW

PEOPLE = {Role.PATIENT: "alice", Role.DISPATCHER: "bob", Role.NURSE: "nina",
          Role.PRESCRIBER: "dora", Role.ADMINISTRATOR: "anna"}  # fmt: skip
SHOWING = {
    str(one.pattern): one.callback.cls
    for one in urlpatterns
    if issubclass(one.callback.cls, Door) and hasattr(one.callback.cls, "get")
}


def looks(**found: object) -> list[tuple[object, ...]]:
    rows = AuditEntry.objects.filter(verb__in=["read", "denied"], **found).order_by("number")
    return list(rows.values_list("user_id", "verb", "operation", "subject", "subject_id", "shown"))


def test_the_lists_name_doors_that_there_are() -> None:
    assert {door.__name__ for door in SHOWING.values()} >= NOTHING_PERSONAL
    assert {name for name, row in POLICY.items() if set(row) == {"POST"}} >= SEARCHES


@pytest.mark.parametrize("address", sorted(SHOWING))
def test_every_get_leaves_one_line_or_shows_nothing_personal(town: Town, address) -> None:
    """As the first role that the table lets in; with ids that exist where the town has them."""
    door = SHOWING[address]
    role = min(role for role in POLICY[door.__name__]["GET"] if role in PEOPLE)
    path = re.sub(r"<uuid:(\w+)>", lambda found: str(real_id(town, found[1])), address)
    query = {"date": str(TOMORROW), "protocol": KETAMINE, **NEXT_DAY}
    client = town.as_(getattr(town, PEOPLE[role]))
    answer = client.get_(path.replace("<slug:code>", KETAMINE), **query)
    found = looks()
    if answer.status_code == 200 and door.__name__ not in NOTHING_PERSONAL:
        ((user, verb, operation, _, _, shown),) = found
        assert (user, verb) == (getattr(town, PEOPLE[role]).user_id, "read")
        assert operation == f"GET {door.__name__}"
        assert shown is not None
    elif answer.status_code in {403, 404} and "<uuid" in address:
        assert [one[1] for one in found] == ["denied"]
    else:
        assert found == []


def real_id(town: Town, name: str) -> object:
    ids = {"visit_id": town.assigned, "patient_id": town.alice.person_id}
    return ids.get(name) or uuid4()


def test_a_look_says_who_saw_what_and_how_much(town: Town) -> None:
    bob, visit = town.as_(town.bob), town.assigned
    assert bob.get_(f"visits/{visit}").status_code == 200
    assert bob.get_("patients").status_code == 200
    assert bob.post_("patients/search", {"phone": PHONE}).status_code == 200
    assert bob.get_("messages", visit=str(visit)).status_code == 200
    who = town.bob.user_id
    assert looks() == [
        (who, "read", "GET VisitDetail", "visit", visit, 1),
        (who, "read", "GET Patients", "Patients", None, 1),
        (who, "read", "POST PatientSearch", "PatientSearch", None, 1),
        (who, "read", "GET Messages", "visit", visit, 0),
    ]


def test_a_try_that_is_refused_is_noted_and_a_mistake_is_not(town: Town) -> None:
    other, nina = Town("Elsewhere"), town.as_(town.nina)
    assert nina.post_(f"visits/{town.visit}/cancel").status_code == 403
    assert town.as_(town.bob).get_(f"visits/{other.visit}").status_code == 404
    assert town.as_(town.bob).get_("messages", visit=str(other.visit)).status_code == 404
    assert town.as_(town.bob).get_("messages", state="no state").status_code == 400
    assert town.as_(town.bob).ask("PATCH", "patients").status_code == 405
    nina_, bob = town.nina.user_id, town.bob.user_id
    assert looks() == [
        (nina_, "denied", "POST VisitCancel", "visit", town.visit, None),
        (bob, "denied", "GET VisitDetail", "visit", other.visit, None),
        (bob, "denied", "GET Messages", "visit", other.visit, None),
    ]


def test_who_opens_a_secret_link_is_noted_too(town: Town) -> None:
    from dispatch.models import CompanionRequest, Message
    from dispatch.selectors.links import visit_secret
    from workers import work

    assert town.assigned
    work.deliver_events()
    asked = CompanionRequest.objects.get(visit_id=town.visit)
    message = Message.objects.filter(visit_id=town.visit, audience="patient").first()
    assert Browser().get(f"/companion/{asked.secret}").status_code == 200
    assert Browser().get(f"/m/{visit_secret(message.id)}").status_code == 200
    assert looks() == [
        (None, "read", "GET companion page", "companion_request", asked.id, 1),
        (None, "read", "GET visit page", "visit", town.visit, 1),
    ]


def test_nothing_is_shown_where_the_trail_cannot_be_written(town: Town, monkeypatch) -> None:
    from django.db import DatabaseError

    from dispatch import audit

    def fails(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "read", fails)
    answer = town.as_(town.bob).get_("patients")
    assert answer.status_code == 503
    assert "alice" not in answer.content.decode()
