"""The dispatcher's desk: who could take a visit, giving it by hand, and what the board counts."""

import pytest

from dispatch.models import Assignment, Certificate, Visit
from tests.api.story import told
from tests.api.town import Town, asked, assert_problem, digest_of_all_rows
from tests.builders import TOMORROW, at
from workers import work


@pytest.fixture
def nora(town: Town):
    """On shift as well, and licensed in Maryland alone: no nurse for Washington."""
    nurse = town.world.nurse("nora", states=("MD",))
    town.world.shift(nurse)
    return nurse


def board(town: Town, client) -> dict:
    return told(client.get_("board", market=str(town.market.id), date=TOMORROW.isoformat()))


def test_every_nurse_on_shift_is_a_candidate_or_says_why_not(town, nora, dispatcher) -> None:
    found = told(dispatcher.get_(f"visits/{town.assigned}/candidates"))["results"]
    can, cannot = found
    assert can["nurse_id"] == str(town.nina.person_id)
    assert can["detour_s"] >= 0
    assert can["breaches"] == []
    assert cannot["nurse_id"] == str(nora.person_id)
    (breach,) = cannot["breaches"]
    assert breach["rule"] == "licensed_in_state"
    assert "DC" in breach["sentence"]


def test_a_visit_is_given_to_a_nurse_by_hand(town, dispatcher) -> None:
    other = town.world.nurse("olga")
    town.world.shift(other)
    body = {"nurse": str(other.person_id), "reason": "She knows the way."}
    given = told(dispatcher.post_(f"visits/{town.assigned}/assign", body))
    assert given["status"] == "assigned"
    assert given["nurse"]["id"] == str(other.person_id)
    now, before = Assignment.objects.order_by("-since")
    assert (now.nurse_id, now.assigned_by_id) == (other.person_id, town.bob.user_id)
    assert now.reason == "She knows the way."
    assert (before.nurse_id, before.until) == (town.nina.person_id, now.since)


def test_a_nurse_who_may_not_is_refused_with_the_rule_and_the_nearest_fix(
    town, nora, dispatcher
) -> None:
    before = digest_of_all_rows() if town.assigned else ""
    refused = dispatcher.post_(f"visits/{town.visit}/assign", {"nurse": str(nora.person_id)})
    document = assert_problem(refused, 409, "rules_broken")
    assert [one["rule"] for one in document["breaches"]] == ["licensed_in_state"]
    assert document["breaches"][0]["sentence"]
    assert [one["change"] for one in document["fixes"]]
    assert digest_of_all_rows() == before


def test_another_than_the_asked_nurse_is_given_once_the_patient_has_agreed(
    town, dispatcher
) -> None:
    olga = town.world.nurse("olga")
    town.world.shift(olga)
    Visit.objects.filter(id=town.assigned).update(asked_nurse=town.nina.person_id)
    path, body = f"visits/{town.assigned}/assign", {"nurse": str(olga.person_id)}
    refused = assert_problem(dispatcher.post_(path, body), 409, "rules_broken")
    assert [one["change"] for one in refused["fixes"]] == ["any_nurse"]
    body |= {"patient_agreed": True}
    unsaid = assert_problem(dispatcher.post_(path, body), 400, "invalid")
    assert "reason" in str(unsaid["errors"])
    given = told(dispatcher.post_(path, body | {"reason": "Nina is ill; Alice agreed."}))
    assert given["nurse"]["id"] == str(olga.person_id)
    assert Visit.objects.get(id=town.assigned).asked_nurse_id is None


def test_a_nurse_off_shift_is_refused(town, dispatcher) -> None:
    resting = town.world.nurse("rita")
    refused = dispatcher.post_(f"visits/{town.assigned}/assign", {"nurse": str(resting.person_id)})
    assert_problem(refused, 409, "rules_broken")


def test_a_visit_that_nobody_can_take_says_why_on_itself_and_on_the_board(town, dispatcher) -> None:
    Certificate.objects.all().delete()
    visit = told(dispatcher.post_("visits", asked((at(8), at(18)), town.home)), 201)
    assert visit["unassigned_because"] is None
    work.do_all()
    left = told(dispatcher.get_(f"visits/{visit['id']}"))
    assert left["status"] == "requested"
    assert left["unassigned_because"] == {"certified": 1}
    shown = board(town, dispatcher)
    assert shown["exceptions"]["unassigned"] == 1
    assert shown["unassigned"][0]["unassigned_because"] == {"certified": 1}
    assert "credentials" in {gate["name"] for gate in left["gates"] if not gate["open"]}


def test_a_visit_on_a_day_without_shifts_says_so(town, dispatcher) -> None:
    town.shift.delete()
    visit = told(dispatcher.post_("visits", asked((at(8), at(18)), town.home)), 201)
    work.do_all()
    left = told(dispatcher.get_(f"visits/{visit['id']}"))
    assert left["unassigned_because"] == {"nobody_on_shift": 1}


def test_a_nurse_who_joins_takes_what_was_left(town, dispatcher, administrator) -> None:
    town.shift.delete()
    visit = told(dispatcher.post_("visits", asked((at(8), at(18)), town.home)), 201)
    work.do_all()
    town.world.shift(town.nina)
    told(administrator.post_(f"markets/{town.market.id}/clock", {"advance_s": 301}))
    work.do_all()
    found = told(dispatcher.get_(f"visits/{visit['id']}"))
    assert found["status"] == "assigned"
    assert found["unassigned_because"] is None


def test_the_board_shows_each_nurse_with_her_stops(town, nora, dispatcher) -> None:
    assert town.assigned
    shown = board(town, dispatcher)
    stops = {one["nurse"]: one["stops"] for one in shown["shifts"]}
    assert stops[str(nora.person_id)] == []
    (stop,) = stops[str(town.nina.person_id)]
    assert stop["visit"]["id"] == str(town.visit)
    assert stop["leave_at"] <= stop["start_at"] < stop["end_at"]
    assert stop["companion_missing"] is True
    assert shown["exceptions"] == {
        "unassigned": 0, "at_risk": 0, "late": 0, "companion_missing": 1,
        "clearance_suspended": 0, "credential_expiring": 0, "recovering_long": 0,
        "custody_open": 0, "uncovered": 0, "dead_messages": 0,
    }  # fmt: skip


def test_a_nurse_who_has_not_come_by_the_windows_end_is_late(
    town, dispatcher, administrator
) -> None:
    assert town.assigned
    clock = f"markets/{town.market.id}/clock"
    told(administrator.post_(clock, {"advance_s": 27 * 3600}))
    assert board(town, dispatcher)["exceptions"]["late"] == 1


def test_the_board_asks_as_often_for_five_visits_as_for_one(
    town, dispatcher, django_assert_max_num_queries
) -> None:
    from dispatch.services.assignment import assign_visit
    from tests.builders import NOW

    assert town.assigned
    for name in ("a", "b", "c"):
        person = town.world.patient(name)
        nurse = town.world.nurse(f"nurse {name}")
        town.world.shift(nurse)
        assign_visit(town.world.book(town.world.home(person), person, at(10)), now=NOW)
    with django_assert_max_num_queries(16):
        board(town, dispatcher)


def test_lists_are_told_a_page_at_a_time(town, dispatcher) -> None:
    for number in range(5):
        town.world.patient(f"patient {number}")
    pages, path = [], "/api/v1/patients?page_size=2"
    while path:
        page = told(dispatcher.get(path))
        pages.append([one["id"] for one in page["results"]])
        path = page["next"]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert len({one for page in pages for one in page}) == 6


def test_a_real_markets_clock_does_not_move(town, administrator) -> None:
    town.market.clock_offset -= town.market.clock_offset
    town.market.is_demo = False
    town.market.save()
    refused = administrator.post_(f"markets/{town.market.id}/clock", {"advance_s": 60})
    assert_problem(refused, 409, "not_a_demo")
