"""The planner over HTTP: a nurse drops out, a day is planned, a visit takes longer."""

import pytest

from api.views.planning import LONGEST_S
from dispatch.models import Visit
from tests.api.story import told
from tests.api.town import Town, assert_problem, digest_of_all_rows
from tests.builders import TODAY, TOMORROW, at
from workers import planning

DAY = TOMORROW.isoformat()


@pytest.fixture
def olga(town: Town):
    """On shift tomorrow as well."""
    nurse = town.world.nurse("olga")
    town.world.shift(nurse)
    return nurse


def absence(town: Town, **span) -> dict[str, str]:
    return {"nurse": str(town.nina.person_id), "reason": "ill"} | span


def test_a_nurse_drops_out_and_the_day_is_repaired(town, olga, dispatcher, nurse) -> None:
    assert town.assigned
    town.set_clock(at(19, day=TODAY))
    recorded = told(dispatcher.post_("absences", absence(town, date=DAY)), 201)
    path = f"repairs/{recorded['repair']}"
    assert told(dispatcher.get_(path))["state"] == "queued"
    assert_problem(dispatcher.post_(f"{path}/accept", {"proposal": 1}), 409, "not_ready")

    planning.work_out_plans()

    ready = told(dispatcher.get_(path))
    assert ready["state"] == "ready"
    best = ready["proposals"][0]
    (move,) = best["moves"]
    assert move["visit"] == str(town.visit)
    assert move["before"]["nurse"]["id"] == str(town.nina.person_id)
    assert move["after"]["nurse"] == {"id": str(olga.person_id), "name": "olga"}
    assert move["tell"] == ["nurse"]
    assert (best["number"], best["told"], best["unserved"]) == (1, 1, [])

    accepted = told(dispatcher.post_(f"{path}/accept", {"proposal": 1}))
    assert (accepted["state"], accepted["accepted"]) == ("accepted", 1)
    visit = told(dispatcher.get_(f"visits/{town.visit}"))
    assert visit["nurse"]["id"] == str(olga.person_id)
    assert told(nurse.get_("nurses/me/route", date=DAY))["stops"] == []
    assert_problem(dispatcher.post_(f"{path}/accept", {"proposal": 1}), 409, "not_ready")


def test_a_day_is_planned_and_the_plan_accepted(town, olga, dispatcher) -> None:
    assert town.assigned
    body = {"market": str(town.market.id), "date": DAY, "seconds": 1}
    asked = told(dispatcher.post_("plans", body), 201)
    assert (asked["state"], asked["dates"], asked["proposals"]) == ("queued", [DAY], [])
    path = f"plans/{asked['id']}"
    planning.work_out_plans()
    ready = told(dispatcher.get_(path))
    assert ready["state"] == "ready"
    (found,) = ready["proposals"]
    assert found["travel_s"] <= found["travel_before_s"]
    assert told(dispatcher.post_(f"{path}/accept"))["accepted"] == 1


def test_a_plan_that_waits_is_asked_to_stop(town, dispatcher) -> None:
    told(dispatcher.post_(f"plans/{town.asked_plan}/stop"))
    planning.work_out_plans()
    assert_problem(dispatcher.post_(f"plans/{town.asked_plan}/stop"), 409, "not_running")


def test_an_accepted_proposal_of_an_old_day_is_a_409(town, olga, dispatcher) -> None:
    assert town.repair
    Visit.objects.filter(id=town.visit).update(version=99)
    before = digest_of_all_rows()
    answer = dispatcher.post_(f"repairs/{town.repair}/accept", {"proposal": 1})
    assert_problem(answer, 409, "day_changed")
    assert digest_of_all_rows() == before


@pytest.mark.parametrize(
    ("span", "field"),
    [
        ({}, "from"),
        ({"from": f"{DAY}T08:00"}, "until"),
        ({"from": f"{DAY}T18:00", "until": f"{DAY}T08:00"}, "until"),
        ({"from": "2027-06-01", "until": "2027-06-02"}, "until"),
        ({"from": DAY, "until": "2028-12-01"}, "until"),
        ({"date": "2027-06-01"}, "until"),
        ({"date": "tomorrow"}, "date"),
        ({"date": DAY, "from": f"{DAY}T08:00"}, "from"),
        ({"date": DAY, "until": f"{DAY}T08:00"}, "until"),
    ],
)
def test_a_span_that_cannot_be_is_named(town, dispatcher, span, field) -> None:
    before = digest_of_all_rows()
    assert_problem(dispatcher.post_("absences", absence(town, **span)), 400, "invalid", field)
    assert digest_of_all_rows() == before


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_S + 1, "x"])
def test_a_plan_takes_so_long_and_no_longer(town, dispatcher, seconds) -> None:
    body = {"market": str(town.market.id), "date": DAY, "seconds": seconds}
    assert_problem(dispatcher.post_("plans", body), 400, "invalid", "seconds")


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"visit": "x"}, 400, "visit"),
        ({"visit": "01890000-0000-7000-8000-000000000000"}, 400, "until"),
        ({"visit": "01890000-0000-7000-8000-000000000000", "until": f"{DAY}T12:00"}, 404, "visit"),
        ({"visit": "VISIT", "until": "noon"}, 400, "until"),
        ({"until": f"{DAY}T12:00"}, 400, "visit"),
        ({"visit": "VISIT", "until": f"{DAY}T12:00"}, 400, "visit"),
    ],
)
def test_a_visit_that_cannot_take_longer_is_named(town, dispatcher, more, status, field) -> None:
    body = {"market": str(town.market.id), "date": DAY} | more
    if body.get("visit") == "VISIT":
        body["visit"] = str(town.assigned)
    before = digest_of_all_rows()
    assert_problem(dispatcher.post_("repairs", body), status, field=field)
    assert digest_of_all_rows() == before


def test_a_repeated_key_records_one_absence(town, dispatcher) -> None:
    body = absence(town, date=DAY)
    first, second = (dispatcher.post_("absences", body, Idempotency_Key="k") for _ in range(2))
    assert told(first, 201) == told(second, 201)
