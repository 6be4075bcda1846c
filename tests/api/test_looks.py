"""Who looked stands in the audit trail: each door that shows people's data or stays shut."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client as Browser

from api.door import Door
from api.policy import POLICY
from api.trail import NOTED_BEHIND, NOTHING_PERSONAL, SEARCHES
from api.urls import urlpatterns
from dispatch import audit
from dispatch.domain.whose import pass_of
from dispatch.models import AuditEntry
from tests.api.readings import READINGS
from tests.api.town import Client, Town
from tests.builders import PHONE, TOMORROW

SHOWING = {
    one.callback.cls.__name__
    for one in urlpatterns
    if issubclass(one.callback.cls, Door) and hasattr(one.callback.cls, "get")
}


def looks(**found: object) -> list[tuple[object, ...]]:
    rows = AuditEntry.objects.filter(verb__in=["read", "denied"], **found).order_by("number")
    return list(rows.values_list("user_id", "verb", "operation", "subject", "subject_id", "shown"))


def test_the_lists_name_doors_that_there_are() -> None:
    assert SHOWING >= NOTHING_PERSONAL | NOTED_BEHIND
    assert {name for name, row in POLICY.items() if set(row) == {"POST"}} >= SEARCHES
    behind_sign_in = {name for name in SHOWING if pass_of(POLICY[name]["GET"]) is None}
    assert {one.door for one in READINGS} >= behind_sign_in


@pytest.mark.parametrize("reading", READINGS, ids=[f"{one.door} by {one.role}" for one in READINGS])
def test_every_get_leaves_one_line_or_shows_nothing_personal(town: Town, reading) -> None:
    """Asked for what there is, by somebody who may see it."""
    who = getattr(town, reading.role)
    signed_in = pass_of(POLICY[reading.door]["GET"]) is None
    path, client = reading.path(town), town.as_(who) if signed_in else Client()
    before, noted = len(looks()), AuditEntry.objects.count()
    answer = client.ask("GET", path)
    assert answer.status_code == 200, answer.content
    found = looks()[before:]
    if reading.door in NOTHING_PERSONAL or not signed_in:
        assert found == []
    elif reading.door in NOTED_BEHIND:
        assert found == []
        assert AuditEntry.objects.count() == noted + 1
    else:
        ((user, verb, operation, _, _, shown),) = found
        assert (user, verb) == (who.user_id, "read")
        assert operation == f"GET {reading.door}"
        assert shown is not None


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


@pytest.fixture
def broken_trail(monkeypatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "read", fails)
    monkeypatch.setattr(audit, "deny", fails)


@pytest.mark.usefixtures("broken_trail")
def test_a_nurse_is_not_kept_from_her_patient(town: Town, caplog) -> None:
    assert town.assigned
    nina, route, visit = town.as_(town.nina), "nurses/me/route", f"visits/{town.visit}"
    before = audit.UNWRITTEN._value.get()
    assert nina.get_(route, date=TOMORROW.isoformat()).json()["stops"]
    assert nina.get_(visit).status_code == 200
    told = [one for one in caplog.records if one.name == "api.trail"]
    assert [(one.door, one.subject_id) for one in told] == [
        ("MyRoute", "None"),
        ("VisitDetail", str(town.visit)),
    ]
    counted = f"dispatch_looks_unwritten_total {before + 2}"
    assert counted in Browser().get("/metrics").content.decode()
    assert town.as_(town.bob).get_(visit).status_code == 503
    assert nina.get_("visits").status_code == 503
    assert nina.get_(f"visits/{uuid4()}").status_code == 503


@pytest.mark.usefixtures("broken_trail")
def test_nothing_is_shown_where_the_trail_cannot_be_written(town: Town) -> None:
    answer = town.as_(town.bob).get_("patients")
    assert answer.status_code == 503
    assert "alice" not in answer.content.decode()
