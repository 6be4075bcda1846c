"""Who may knock at which door, and what is behind it for whom; test_matrix.py asks everybody."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLResolver

from api.policy import POLICY
from api.urls import urlpatterns
from dispatch.domain.ids import new_secret
from dispatch.domain.people import Role, Scope
from dispatch.domain.whose import LINK, Who, pass_of, reach_of
from tests.api.town import Client, Town, digest_of_all_rows
from web.policy import PAGES
from web.urls import urlpatterns as pages

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EVERYBODY = ("alice", "bob", "nina", "dora", "anna")
DOORS = {str(one.pattern): one.callback.cls for one in urlpatterns}


def _open(row: Mapping[str, frozenset[Who]]) -> bool:
    return any(map(pass_of, row.values()))


def methods_of(door: type) -> set[str]:
    return {method for method in METHODS if hasattr(door, method.lower())}


def test_the_table_has_a_row_for_every_operation_and_none_for_another() -> None:
    behind_addresses = {door.__name__: methods_of(door) for door in DOORS.values()}
    assert behind_addresses == {name: set(row) for name, row in POLICY.items()}


def test_what_is_not_behind_an_address_is_not_allowed_there(administrator) -> None:
    """By every other method, on every address."""
    faults = []
    for address, door in sorted(DOORS.items()):
        for method in set(METHODS) - methods_of(door):
            answer = administrator.ask(method, filled(address)).status_code
            if answer != 405:
                faults.append(f"{method} {address}: {answer}")
    assert not faults, faults


WRITTEN = {
    "<slug:provider>": "pigeon", "<slug:code>": "castle", "<int:version>": "7", "<int:pk>": "1",
    "<int:number>": "1", "<str:gate>": "home", "<str:kind>": "plan", "<str:cause>": "plan",
}  # fmt: skip


def filled(address: str) -> str:
    """With ids that are nobody's."""
    address = address.replace("<way:chosen>", "<uuid:place>/<uuid:protocol>/visit")
    path = re.sub("<uuid:[^>]+>", str(uuid4()), address)
    for part, value in WRITTEN.items():
        path = path.replace(part, value)
    return path


def test_every_page_is_in_the_table_and_no_other() -> None:
    assert set(addresses(pages)) == set(PAGES)


def addresses(patterns: list[Any]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns)
        else:
            yield str(one.pattern)


@pytest.mark.parametrize("page", [one for one, row in PAGES.items() if not _open(row)])
def test_a_page_for_some_sends_everybody_else_to_sign_in(db, page: str) -> None:
    path = "/" + filled(page)
    for method in PAGES[page]:
        answer = Client().generic(method, path)
        assert answer.status_code == 302, method
        assert answer.headers["Location"].startswith("/sign-in"), method


@pytest.mark.parametrize("page", [one for one, row in PAGES.items() if LINK in row.values()])
def test_a_secret_that_was_never_sent_opens_nothing(town: Town, page: str) -> None:
    assert town.assigned
    before = digest_of_all_rows()
    for method in PAGES[page]:
        answer = Client().generic(method, "/" + page.replace("<str:secret>", new_secret()))
        assert answer.status_code == 404, method
    assert digest_of_all_rows() == before


def test_what_a_door_takes_is_told_to_all_and_is_the_same_about_anything(town: Town) -> None:
    told = {
        Client().ask("OPTIONS", f"visits/{one}").content for one in (town.visit, uuid4())
    }  # fmt: skip
    assert len(told) == 1


NEVER = {
    Role.PATIENT: {"Patients", "Board", "Messages", "Tasks", "VisitRecordDetail", "VisitCustody"},
    Role.NURSE: {"Patients", "Board", "Messages", "Companions", "Locations", "ScreeningDetail",
                 "Superbill", "SeriesDashboard", "PatientCourse", "Consents"},
    Role.DISPATCHER: {"Orders", "Consents", "CustodyToSign", "CustodyInventory", "Scores",
                      "Responses", "ScreeningClearance", "ProtocolVersions", "Webhooks"},
    Role.ADMINISTRATOR: {"Patients", "PatientSearch", "Orders", "Consents", "ScreeningDetail",
                         "ScreeningAnswers", "SeriesDashboard", "PatientCourse", "Messages",
                         "VisitRecordDetail", "InboundTexts", "Companions", "Contact"},
    Role.PRESCRIBER: {"Board", "Messages", "Webhooks", "ServiceAccounts", "MarketClock"},
    Role.SERVICE: {"Patients", "PatientSearch", "Orders", "Consents", "ScreeningDetail",
                   "ScreeningAnswers", "SeriesDashboard", "PatientCourse", "VisitRecordDetail",
                   "InboundTexts", "Companions", "Contact", "Locations", "ServiceAccounts"},
}  # fmt: skip
"""Doors that stay closed to a role whatever else the table comes to say."""


@pytest.mark.parametrize("role", NEVER)
def test_some_doors_are_never_open_to_some(role: Role) -> None:
    opened = {
        door for door in NEVER[role] for row in POLICY[door].values()
        if reach_of(row, role, frozenset(Scope))
    }  # fmt: skip
    assert not opened


def test_a_door_that_is_not_in_the_table_is_closed_to_all(monkeypatch, town: Town) -> None:
    monkeypatch.delitem(POLICY, "Me")
    for name in EVERYBODY:
        assert town.as_(getattr(town, name)).ask("OPTIONS", "me").status_code == 403
        assert town.as_(getattr(town, name)).get_("me").status_code == 403
    assert Client().get_("me").status_code == 401


def test_a_market_of_ones_own_is_all_that_anybody_sees(town: Town) -> None:
    other = Town("Elsewhere")
    foreign = [
        ("GET", "visits/{}", other.visit), ("GET", "visits/{}/candidates", other.visit),
        ("POST", "visits/{}/cancel", other.visit), ("POST", "visits/{}/assign", other.visit),
        ("DELETE", "holds/{}", other.hold), ("GET", "screenings/{}", other.for_review),
        ("GET", "series/{}", other.series), ("POST", "series/{}/book", other.series),
        ("GET", "visits/{}/questions", other.visit),
        ("GET", "screenings/answers?protocol=x&patient={}", other.alice.person_id),
        ("GET", "messages?visit={}", other.visit),
        ("GET", "slots?protocol=x&from=x&to=x&location={}", other.home.id),
        ("GET", "board?date=2027-06-08&market={}", other.market.id),
        ("GET", "plans/{}", other.plan), ("POST", "plans/{}/stop", other.plan),
        ("POST", "plans/{}/accept", other.plan), ("GET", "repairs/{}", other.repair),
        ("POST", "repairs/{}/accept", other.repair),
        ("GET", "visits/{}/superbill", other.completed),
        ("POST", "verifications/{}/corrections", other.verification),
        ("POST", "consults/{}/cancel", other.consult),
        ("POST", "sharing-consents/{}/withdrawal", other.sharing),
    ]  # fmt: skip
    body = {
        "nurse": str(town.nina.person_id), "proposal": 1,
        "element": "recipient", "value": "x", "reason": "wrong_entry",
    }  # fmt: skip
    before = digest_of_all_rows()
    for method, path, real in foreign:
        seen, missing = (
            town.as_(town.bob).ask(method, path.format(one), body) for one in (real, uuid4())
        )
        assert (seen.status_code, missing.status_code) == (404, 404), path
        assert seen.content == missing.content
    for path in ("patients", "nurses", "locations", "companions", "visits", "messages",
                 "consults", "sharing-consents"):  # fmt: skip
        listed = town.as_(town.bob).get_(path).json()["results"]
        assert str(other.alice.person_id) not in str(listed)
        assert str(other.nina.person_id) not in str(listed)
    seen, missing = (
        town.as_(town.anna).post_(f"markets/{one}/clock", {"advance_s": 60})
        for one in (other.market.id, uuid4())
    )
    assert seen.status_code == 404
    assert seen.content == missing.content
    assert digest_of_all_rows() == before


def test_a_patient_sees_nothing_of_another_patient(town: Town) -> None:
    mallory = town.as_(town.world.patient("mallory"))
    before = digest_of_all_rows() if all(_rows(town)) else ""
    for method, path, real in (
        ("GET", "visits/{}", town.visit), ("POST", "visits/{}/cancel", town.visit),
        ("POST", "visits/{}/reschedule", town.visit), ("PUT", "visits/{}/companion", town.visit),
        ("DELETE", "holds/{}", town.hold), ("GET", "screenings/{}", town.for_review),
        ("GET", "visits/{}/questions", town.visit),
        ("GET", "series/{}", town.series), ("DELETE", "series/{}", town.series),
        ("POST", "series/{}/book", town.series),
        ("GET", "visits/{}/superbill", town.visit), ("POST", "consults/{}/cancel", town.consult),
        ("POST", "sharing-consents/{}/withdrawal", town.sharing),
    ):  # fmt: skip
        body = {"hold": str(town.hold), "companion": str(town.carl.id)}
        seen, missing = (mallory.ask(method, path.format(one), body) for one in (real, uuid4()))
        assert seen.status_code == 404, path
        assert seen.content == missing.content
    for path in ("visits", "locations", "companions", "consults", "sharing-consents"):
        assert mallory.get_(path).json()["results"] == []
        theirs, nobodys = (
            mallory.get_(path, patient=str(one)) for one in (town.alice.person_id, uuid4())
        )
        if path != "visits":
            assert theirs.status_code == 404, path
            assert theirs.content == nobodys.content
    for path, body in (
        ("locations", {"kind": "hotel", "address": "x", "zip_code": "20001"}),
        ("companions", {"name": "x", "phone": "2025550100"}),
        ("screenings", {"protocol": "x", "answers": {}}),
        ("consults", {"kind": "follow_up", "protocol": "x", "starts_at": "2027-06-08T09:00"}),
        ("screenings/answers", {"protocol": "x", "answers": {}}),
    ):
        refused = mallory.post_(path, body | {"patient": str(town.alice.person_id)})
        assert refused.status_code == 404
    assert digest_of_all_rows() == before


def _rows(town: Town) -> tuple[object, ...]:
    """Alice's: made before anybody looks."""
    return (town.assigned, town.hold, town.for_review, town.series, town.carl, town.consult,
            town.sharing)  # fmt: skip


def test_a_nurse_sees_the_visits_on_the_own_route_and_no_other(town: Town) -> None:
    nora, nina = town.as_(town.world.nurse("nora")), town.as_(town.nina)
    assert town.visit
    assert nina.get_(f"visits/{town.visit}").status_code == 404, "reserved is not assigned"
    assert town.assigned
    assert nina.get_(f"visits/{town.visit}").status_code == 200
    assert [one["id"] for one in nina.get_("visits").json()["results"]] == [str(town.visit)]
    before = digest_of_all_rows()
    assert nora.get_(f"visits/{town.visit}").status_code == 404
    assert nora.get_("visits").json()["results"] == []
    seen, missing = (nora.post_(f"visits/{one}/depart") for one in (town.visit, uuid4()))
    assert seen.status_code == 404
    assert seen.content == missing.content
    assert digest_of_all_rows() == before


@pytest.mark.parametrize("role", [Role.PATIENT, Role.NURSE])
def test_a_user_who_is_nobody_yet_sees_and_does_nothing(town: Town, role) -> None:
    """An account that no patient or nurse belongs to must not stand for all of them."""
    from dispatch.domain.people import Actor
    from dispatch.services.cancellation import cancel_visit
    from tests.builders import NOW

    user = town.world.user("nobody", role)
    nobody = town.as_(Actor(user.id, role, town.market.id))
    cancel_visit(town.assigned, reason="", expected_version=None, by=town.bob, now=NOW)
    before = digest_of_all_rows()
    assert nobody.get_("visits").json()["results"] == []
    assert nobody.get_(f"visits/{town.visit}").status_code == 404
    if role is Role.PATIENT:
        body = {"name": "x", "phone": "2025550100", "patient": str(town.alice.person_id)}
        assert nobody.post_("companions", body).status_code == 404
    assert digest_of_all_rows() == before
