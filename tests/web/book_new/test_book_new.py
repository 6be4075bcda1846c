"""Each step of a booking: what it shows, what it refuses, and that nothing is booked twice."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dispatch.domain.places import LocationKind
from dispatch.models import Answer, Hold, Location, Task, WaitingEntry
from tests.builders import KETAMINE, at
from tests.web.book_new.booking import Booking

PLACE = {"kind": "hotel", "address": "1 Main Street", "zip_code": "20001", "access_notes": ""}


def test_a_place_is_kept_once_however_often_it_is_sent(booking: Booking) -> None:
    first, second = (booking.browser.post("/book/new/", PLACE) for _ in range(2))
    assert first.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert Location.objects.get().kind == "hotel"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kind": "boat"}, "kind"), ({"address": ""}, "address"), ({"zip_code": "2000"}, "zip_code"),
     ({"zip_code": "00000"}, "zip_code"), ({"lat": "10", "lng": "10"}, "pin"),
     ({"lat": "nan", "lng": "1"}, "lat")],
)  # fmt: skip
def test_a_place_that_is_none_is_refused_and_what_was_typed_stays(
    booking: Booking, wrong, field
) -> None:
    answer = booking.browser.post("/book/new/", {**PLACE, **wrong})
    assert answer.status_code == 422
    assert field in answer.context["faults"]
    assert answer.context["sent"]["access_notes"] == ""
    assert not Location.objects.exists()


def test_a_pin_says_where_the_door_is(booking: Booking) -> None:
    booking.browser.post("/book/new/", {**PLACE, "lat": "38.9", "lng": "-77.02"})
    place = Location.objects.get()
    assert (place.lat, place.lng, place.approximate) == (38.9, -77.02, False)


def test_the_kind_of_place_says_what_a_companion_does(booking: Booking) -> None:
    shown = booking.browser.get("/book/new/").content.decode()
    assert shown.count("a responsible adult stays with you") == 1
    assert shown.count("somebody drives you home afterwards") == 3


def test_of_the_places_of_others_nothing_is_shown(booking: Booking) -> None:
    theirs = booking.town.world.home(booking.town.world.patient("mallory"))
    assert booking.browser.get(f"/book/new/{theirs.id}").status_code == 404
    for step in ("questions", "questions/1", "outcome", "times", "waiting"):
        assert booking.browser.get(booking.to(step, home=theirs)).status_code == 404
    assert str(theirs.id) not in booking.browser.get("/book/new/").content.decode()


def test_what_is_not_offered_is_not_booked(booking: Booking) -> None:
    home = booking.home.id
    assert booking.browser.get(f"/book/new/{home}/{uuid4()}/visit/times").status_code == 404
    series = booking.to("times", "series", "hydration_drip")
    assert booking.browser.get(series).status_code == 404


def test_nobody_but_patients_books_here(booking: Booking) -> None:
    for actor in (booking.town.bob, booking.town.nina, booking.town.dora):
        assert booking.of(actor).get("/book/new/").status_code == 302


def test_where_nobody_is_licensed_it_is_said_why_and_the_desk_is_asked(booking: Booking) -> None:
    texas = booking.town.world.home(booking.town.alice, state="TX")
    shown = booking.browser.get(f"/book/new/{texas.id}").content.decode()
    assert "holds a licence for this state" in shown
    waiting = booking.to("waiting", home=texas)
    assert booking.browser.post(waiting, {"text_version": "1"}).status_code == 422
    assert not WaitingEntry.objects.exists()
    for _ in range(2):
        booking.browser.post(waiting, {"text_version": "1", "agree": "on"})
    entry = WaitingEntry.objects.get()
    task = Task.objects.get(subject_id=entry.id)
    assert (task.role, entry.because, entry.wording) == (
        "dispatcher",
        "not_licensed",
        "waiting.en.1",
    )
    assert "You are on the waiting list" in booking.browser.get(waiting).content.decode()
    booking.browser.post(waiting, {"leave": "1"})
    task.refresh_from_db()
    entry.refresh_from_db()
    assert entry.ended_at is not None
    assert task.done_at is not None


def test_an_answer_is_kept_at_once_and_the_next_question_asked(booking: Booking) -> None:
    answer = booking.browser.post(booking.to("questions/1"), {"answer": "1980-05-17"})
    assert answer.headers["Location"] == booking.to("questions/2")
    assert booking.browser.get(booking.to("questions")).headers["Location"] == booking.to(
        "questions/2"
    )
    assert 'value="1980-05-17"' in booking.browser.get(booking.to("questions/1")).content.decode()


@pytest.mark.parametrize(
    ("number", "sent"),
    [(1, {"answer": "yesterday"}), (1, {}), (2, {"answer": "maybe"}), (3, {}),
     (3, {"answer": "boredom"}), (9, {"answer": "blue"}), (7, {"name": "Dr. No"})],
)  # fmt: skip
def test_an_answer_that_will_not_do_is_refused(booking: Booking, number, sent) -> None:
    answer = booking.browser.post(booking.to(f"questions/{number}"), sent)
    assert answer.status_code == 422
    assert not Answer.objects.exists()


def test_there_is_no_question_beyond_the_last(booking: Booking) -> None:
    assert booking.browser.get(booking.to("questions/0")).status_code == 404
    assert booking.browser.get(booking.to("questions/99")).status_code == 404


def test_who_is_in_a_crisis_is_told_at_once_where_help_is(booking: Booking) -> None:
    answer = booking.browser.post(booking.to("questions/2"), {"answer": "yes"}, follow=True)
    shown = answer.content.decode()
    assert 'href="tel:988"' in shown
    assert 'href="tel:911"' in shown
    assert "Call or text 988 now" in shown
    assert Task.objects.filter(kind="red_flag").exists()
    assert 'href="tel:988"' in booking.browser.get(booking.to("questions/5")).content.decode()


@pytest.mark.parametrize(
    ("answers", "said"),
    [({}, "You can be treated"),
     ({"aneurysm": True}, "A clinician looks at the aneurysm first."),
     ({"breastfeeding": True}, "Treatment is not given while breastfeeding.")],
)  # fmt: skip
def test_the_outcome_is_told_with_its_reasons(booking: Booking, answers, said) -> None:
    booking.clear(**answers)
    assert said in booking.browser.get(booking.to("outcome")).content.decode()


def test_who_is_refused_is_offered_no_times(booking: Booking) -> None:
    booking.clear(breastfeeding=True)
    assert booking.browser.get(booking.to("times")).headers["Location"] == booking.to("outcome")
    refused = booking.browser.post(booking.to("times"), {"start": str(int(at(10).timestamp()))})
    assert refused.headers["Location"] == booking.to("outcome")
    assert not Hold.objects.exists()


def test_answers_given_for_another_treatment_are_judged_when_asked_to(booking: Booking) -> None:
    booking.clear()
    other = "ketamine_weekly_then_monthly"
    page = booking.to("outcome", code=other)
    assert "Shall we go by these answers?" in booking.browser.get(page).content.decode()
    booking.browser.post(page)
    assert "You can be treated" in booking.browser.get(page).content.decode()


@pytest.mark.parametrize("kind", [LocationKind.RESIDENCE, LocationKind.HOTEL])
def test_the_place_says_whether_somebody_stays_or_drives(booking: Booking, kind) -> None:
    booking.clear()
    place = booking.place(kind)
    start = booking.a_start()
    held = booking.browser.post(booking.to("times", home=place), {"start": start})
    shown = booking.browser.get(held.headers["Location"]).content.decode()
    assert ("Who stays with you?" in shown) == (kind is LocationKind.RESIDENCE)


def test_in_spanish_the_very_questions_are_asked_in_spanish(booking: Booking) -> None:
    booking.browser.cookies["django_language"] = "es"
    shown = booking.browser.get(booking.to("questions/2")).content.decode()
    assert '<h1 id="asked" lang="es">¿Está pensando ahora mismo en quitarse la vida' in shown


def test_no_page_says_its_treatment_in_its_address(booking: Booking) -> None:
    assert KETAMINE not in booking.browser.get(f"/book/new/{booking.home.id}").content.decode()
