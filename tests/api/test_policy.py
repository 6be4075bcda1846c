"""Who may knock at which door: every address by every method as everybody, against the table."""

import re
from uuid import uuid4

import pytest

from api.policy import ANYONE, POLICY
from api.urls import urlpatterns
from dispatch.domain.people import Role
from tests.api.town import Client, Town, digest_of_all_rows

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITES_WHEN_ASKED = {"nurses/me/calendar-link", "patients/me/export"}
"""Here nothing has to be named: whoever may knock has it done at once."""
PEOPLE = {
    None: None, Role.PATIENT: "alice", Role.DISPATCHER: "bob", Role.NURSE: "nina",
    Role.PRESCRIBER: "dora", Role.ADMINISTRATOR: "anna",
}  # fmt: skip
ADDRESSES = sorted(str(one.pattern) for one in urlpatterns)
DOORS = {str(one.pattern): one.callback.cls for one in urlpatterns}


def methods_of(door: type) -> set[str]:
    return {method for method in METHODS if hasattr(door, method.lower())}


def test_the_table_has_a_row_for_every_operation_and_none_for_another() -> None:
    behind_addresses = {door.__name__: methods_of(door) for door in DOORS.values()}
    assert behind_addresses == {name: set(row) for name, row in POLICY.items()}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_door_opens_to_whom_the_table_names_and_to_nobody_else(town: Town, address) -> None:
    """The ids are invented: whoever may knock hears that there is no such thing."""
    path, row = re.sub("<uuid:[^>]+>", str(uuid4()), address), POLICY[DOORS[address].__name__]
    path = (
        path.replace("<slug:provider>", "pigeon")
        .replace("<slug:code>", "castle")
        .replace("<int:version>", "7")
    )
    clients = {
        role: town.as_(getattr(town, name)) if name else Client() for role, name in PEOPLE.items()
    }
    before, faults = digest_of_all_rows(), []
    for method in METHODS:
        for role, client in clients.items():
            answer = client.ask(method, path).status_code
            if not agrees(answer, row.get(method), role):
                faults.append(f"{method} by {role or 'nobody'}: {answer}")
    assert not faults, faults
    assert digest_of_all_rows() == before or address in WRITES_WHEN_ASKED


def agrees(answer: int, allowed, role: Role | None) -> bool:
    """Whether the answer is the table's; what a door says once it is open is its own business."""
    if allowed is None:
        return answer == 405
    if allowed is ANYONE or role in allowed:
        return answer not in {401, 403, 405}
    return answer == (401 if role is None else 403)


def test_a_door_that_is_not_in_the_table_is_closed_to_all(monkeypatch, town: Town) -> None:
    monkeypatch.delitem(POLICY, "Me")
    for name in filter(None, PEOPLE.values()):
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
        theirs = mallory.get_(path, patient=str(town.alice.person_id))
        assert theirs.json()["results"] == []
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
