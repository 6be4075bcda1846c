"""The main job over HTTP alone: booked, assigned, reminded, the route pulled, completed."""

from datetime import datetime, timedelta

import pytest

from tests.api.story import Story, closed, told
from tests.api.town import STEPS, Town, asked, assert_problem
from tests.builders import TOMORROW, at


@pytest.fixture
def story(town: Town) -> Story:
    told_from = Story(town)
    told_from.prepare()
    told_from.book()
    return told_from


def board(story: Story) -> dict:
    market = str(story.town.market.id)
    return told(story.bob.get_("board", market=market, date=TOMORROW.isoformat()))


MORNING = "2027-06-08T07:50:00-04:00"


def test_alice_books_and_nina_completes(story) -> None:
    assert story.visit["status"] == "requested"
    assert story.visit["nurse"] is None
    assert story.visit["window"]["promised"] is True
    assert closed(story.visit) == {"companion", "kit", "home"}
    story.work()
    story.make_ready()
    assert story.seen()["status"] == "assigned"
    assert story.seen()["nurse"]["id"] == str(story.town.nina.person_id)
    assert board(story)["exceptions"]["companion_missing"] == 1

    refused = story.nina.post_(f"visits/{story.visit['id']}/depart")
    document = assert_problem(refused, 409, "gate_closed")
    assert [gate["name"] for gate in document["gates"]] == ["companion"]
    story.confirm()
    assert closed(story.seen()) == set()
    assert board(story)["exceptions"]["companion_missing"] == 0

    story.work(until="2027-06-07T18:00:00-04:00")
    story.work(until=MORNING)
    kinds = {one["kind"] for one in story.messages() if one["state"] == "sent"}
    assert {"confirmation", "companion_request", "day_before"} <= kinds

    route = told(story.nina.get_("nurses/me/route", date=TOMORROW.isoformat()))
    (stop,) = route["stops"]
    assert stop["visit"] == story.visit["id"]
    assert (stop["address"], stop["access_notes"]) == (story.address, story.notes)
    statuses = [story.step(action)["status"] for action in STEPS]
    assert statuses == ["en_route", "arrived", "in_treatment", "recovering", "recovering",
                        "completed"]  # fmt: skip
    done = story.seen(story.bob)
    assert done["departed_at"] <= done["arrived_at"] <= done["completed_at"]
    story.work(until="2027-06-08T20:00:00-04:00")
    assert "aftercare" in {one["kind"] for one in story.messages() if one["state"] == "sent"}
    assert told(story.nina.get_("visits", status="completed"))["results"][0]["id"] == done["id"]


def test_the_patient_is_told_the_window_and_not_the_minute(story) -> None:
    story.work()
    assert story.seen()["planned_start"] is None
    assert story.seen(story.bob)["planned_start"] is not None


def test_steps_out_of_order_are_refused(story) -> None:
    story.work()
    story.confirm()
    story.make_ready()
    story.work(until=MORNING)
    for action in ("arrive", "start-infusion", "end-infusion", "discharge", "complete", "no-show"):
        refused = story.nina.post_(f"visits/{story.visit['id']}/{action}")
        assert_problem(refused, 409, "wrong_status")
    for action in STEPS[:4]:
        story.step(action)
    refused = story.nina.post_(f"visits/{story.visit['id']}/complete")
    assert_problem(refused, 409, "not_discharged")


def test_nobody_at_the_door_gives_the_time_back(story) -> None:
    story.work()
    story.confirm()
    story.make_ready()
    too_early = story.nina.post_(f"visits/{story.visit['id']}/depart")
    assert_problem(too_early, 409, "too_early")
    story.work(until=MORNING)
    steps = [story.step(action)["status"] for action in ("depart", "arrive", "no-show")]
    assert steps == ["en_route", "arrived", "no_show"]
    assert told(story.nina.get_("nurses/me/route", date=TOMORROW.isoformat()))["stops"] == []


def test_a_visit_that_is_moved_is_asked_for_anew(story) -> None:
    story.work()
    story.confirm()
    hold = story.hold(-1)
    moved = told(story.alice.post_(f"visits/{story.visit['id']}/reschedule", {"hold": hold["id"]}))
    assert moved["status"] == "requested"
    assert moved["window"]["start"] != story.visit["window"]["start"]
    assert closed(moved) == {"companion", "kit", "home"}, "asked again for another time"
    story.work()
    assert story.seen()["status"] == "assigned"
    kinds = {one["kind"] for one in story.messages() if one["state"] == "sent"}
    assert {"rescheduled", "companion_request"} <= kinds
    gone = story.alice.post_(f"visits/{story.visit['id']}/reschedule", {"hold": hold["id"]})
    assert_problem(gone, 404, "not_found", "hold")


def test_a_visit_that_is_called_off_frees_its_time(story) -> None:
    story.work()
    assert board(story)["shifts"][0]["stops"]
    off = told(story.alice.post_(f"visits/{story.visit['id']}/cancel", {"reason": "ill"}))
    assert (off["status"], off["nurse"]) == ("cancelled", None)
    story.work(until="2027-06-08T20:00:00-04:00")
    assert board(story)["shifts"][0]["stops"] == []
    assert {one["kind"] for one in story.messages() if one["state"] == "sent"} == {
        "confirmation", "companion_request", "cancelled"
    }  # fmt: skip
    again = story.alice.post_(f"visits/{story.visit['id']}/cancel")
    assert_problem(again, 409, "wrong_status")


def test_two_people_cannot_change_what_only_one_has_seen(story) -> None:
    answer = story.bob.get_(f"visits/{story.visit['id']}")
    tag = answer.headers["ETag"]
    assert tag.startswith(f'"{answer.json()["version"]}-')
    path = f"visits/{story.visit['id']}/companion"
    changed = story.alice.ask("PUT", path, {"companion": story.carl["id"]}, If_Match=tag)
    assert changed.headers["ETag"] != tag
    for verb, client, body in (
        ("cancel", story.alice, {}), ("reschedule", story.alice, {"hold": story.hold()["id"]}),
        ("assign", story.bob, {"nurse": str(story.town.nina.person_id)}),
    ):  # fmt: skip
        stale = client.post_(f"visits/{story.visit['id']}/{verb}", body, If_Match=tag)
        assert_problem(stale, 412, "stale")
    story.work()
    path = f"visits/{story.visit['id']}/depart"
    assert_problem(story.nina.post_(path, {}, If_Match="9" * 5000), 400, "invalid")
    path = f"visits/{story.visit['id']}/cancel"
    fresh = story.seen()["version"]
    assert story.alice.post_(path, {}, If_Match=f'"{fresh}"').status_code == 200


def test_any_time_tomorrow_becomes_a_promised_window(story) -> None:
    """Booked by phone, without a slot."""
    home = story.town.world.home(story.town.world.patient("zoe"))
    asked_for = told(story.bob.post_("visits", asked((at(8), at(18)), home)), 201)
    assert asked_for["window"]["promised"] is False
    assert asked_for["id"] in {one["id"] for one in board(story)["unassigned"]}
    story.work()
    given = told(story.bob.get_(f"visits/{asked_for['id']}"))
    assert given["status"] == "assigned"
    assert given["window"]["promised"] is True
    start, end = given["window"]["start"], given["window"]["end"]
    assert asked_for["window"]["start"] <= start < end <= asked_for["window"]["end"]
    width = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    assert width == timedelta(minutes=30)
    assert board(story)["unassigned"] == []
