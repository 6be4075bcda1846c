"""The administrator puts clinicians on duty; the desk sees them, and why a visit has to wait."""

import pytest

from dispatch.models import AuditEntry, Supervision, User
from tests.api.story import told
from tests.api.town import Town, asked, assert_problem
from tests.builders import World, at


@pytest.fixture
def administrator(town: Town):
    return town.as_(town.anna)


@pytest.fixture
def dora(town: Town) -> str:
    return User.objects.get(id=town.dora.user_id).username


def duty(clinician: str, **other: object) -> dict:
    return {"clinician": clinician, "infusions": 2, "begins_at": "2027-06-08T08:00"} | other


def test_a_clinician_is_put_on_duty_by_the_markets_clocks_and_seen(
    town, administrator, dispatcher, dora
) -> None:
    made = told(administrator.post_("supervisions", duty(dora)), 201)
    assert (made["clinician"], made["infusions"], made["ends_at"]) == (dora, 2, None)
    assert Supervision.objects.get().begins_at == at(8)
    assert told(dispatcher.get_("supervisions"))["results"] == [made]
    assert AuditEntry.objects.filter(subject="supervision", verb="add").count() == 1


def test_a_duty_is_ended_once_and_not_in_the_past(town, administrator, dora) -> None:
    made = told(administrator.post_("supervisions", duty(dora)), 201)
    path = f"supervisions/{made['id']}/end"
    for bad in ("2027-06-07T07:59", "2027-06-08T08:00"):
        assert_problem(administrator.post_(path, {"ends_at": bad}), 400, "invalid", "ends_at")
    told(administrator.post_(path, {"ends_at": "2027-06-08T13:00"}))
    assert Supervision.objects.get().ends_at == at(13)


@pytest.mark.parametrize("username", ["nobody", "bob@Washington", "dora@Boston"])
def test_only_a_prescriber_of_the_market_watches(town, administrator, username) -> None:
    assert World("Boston").dora
    answer = administrator.post_("supervisions", duty(username))
    assert_problem(answer, 400, "invalid", "clinician")
    assert not Supervision.objects.exists()


def test_a_duty_of_another_market_is_not_there(town, administrator) -> None:
    other = World("Boston").supervise(1)
    path = f"supervisions/{other.id}/end"
    assert administrator.post_(path, {"ends_at": "2027-06-08T13:00"}).status_code == 404
    assert told(administrator.get_("supervisions"))["results"] == []


def test_candidates_say_that_nobody_watches(town, administrator, dispatcher, dora) -> None:
    told(administrator.post_("supervisions", duty(dora, begins_at="2027-07-08T08:00")), 201)
    visit = told(dispatcher.post_("visits", asked((at(10), at(15)), town.home)), 201)
    (nina,) = told(dispatcher.get_(f"visits/{visit['id']}/candidates"))["results"]
    assert [breach["rule"] for breach in nina["breaches"]] == ["supervised"]
