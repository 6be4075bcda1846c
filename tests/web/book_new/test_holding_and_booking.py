"""Times are held once and booked once; what lapsed or was taken leads to fresh times."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.models import Companion, Hold, Series, Visit
from tests.builders import NOW, TOMORROW, at
from tests.web.book_new.booking import Booking


def test_only_what_can_be_served_is_offered_and_a_choice_holds_once(booking: Booking) -> None:
    booking.clear()
    start = booking.a_start()
    first, second = (booking.browser.post(booking.to("times"), {"start": start}) for _ in "ab")
    assert first.headers["Location"] == second.headers["Location"]
    assert Hold.objects.count() == 1


def test_another_choice_gives_the_first_back(booking: Booking) -> None:
    booking.clear()
    booking.hold()
    before = Hold.objects.get().id
    booking.hold()
    assert Hold.objects.get().id != before


def test_a_time_that_was_taken_meanwhile_leads_to_fresh_ones(booking: Booking) -> None:
    booking.clear()
    answer = booking.browser.post(booking.to("times"), {"start": str(int(at(3).timestamp()))})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "has just taken this time" in shown
    assert 'name="start"' in shown


@pytest.mark.parametrize("start", ["", "soon", "-1", "9" * 30])
def test_what_is_no_time_is_refused(booking: Booking, start) -> None:
    booking.clear()
    assert booking.browser.post(booking.to("times"), {"start": start}).status_code == 422


def test_a_visit_is_booked_once_and_the_way_back_leads_to_it(booking: Booking) -> None:
    booking.clear()
    held = booking.hold()
    booking.browser.post(held, {"companion": str(booking.town.carl.id)})
    booking.sign(held)
    price = held.replace("companion", "price")
    shown = booking.browser.get(price).content.decode()
    assert "$595.00" in shown
    assert "$148.75 (25 %)" in shown
    assert "No vein could be reached." in shown
    first, second = (booking.browser.post(price, {"price_cents": "59500"}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    visit = Visit.objects.get()
    assert visit.companion_id == booking.town.carl.id
    done = booking.browser.get(first.headers["Location"]).content.decode()
    assert "Your visit is booked" in done
    assert "Plan no driving" in done
    assert booking.browser.get(held).headers["Location"] == first.headers["Location"]


def test_another_price_than_it_is_books_nothing(booking: Booking) -> None:
    booking.clear()
    held = booking.hold()
    booking.sign(held)
    price = held.replace("companion", "price")
    for sent in ("100", "", "1e3"):
        assert booking.browser.post(price, {"price_cents": sent}).status_code == 422
    assert not Visit.objects.exists()


def test_without_a_signature_there_is_no_booking(booking: Booking) -> None:
    booking.clear()
    held = booking.hold()
    price, consent = (held.replace("companion", one) for one in ("price", "consent"))
    answer = booking.browser.post(price, {"price_cents": "59500"})
    assert answer.headers["Location"] == consent
    assert booking.browser.post(consent, {"text_version": "1"}).status_code == 422
    assert not Visit.objects.exists()


def test_a_new_companion_needs_a_name_a_number_and_their_word(booking: Booking) -> None:
    booking.clear()
    held = booking.hold()
    wrong = booking.browser.post(held, {"companion": "new", "name": "", "phone": "12"})
    assert wrong.status_code == 422
    assert {"name", "phone", "agreed"} <= wrong.context["faults"].keys()
    new = {"companion": "new", "name": "Carla", "phone": "(202) 555-0143", "agreed": "on"}
    for _ in range(2):
        assert booking.browser.post(held, new).status_code == 303
    assert Companion.objects.get().name == "Carla"
    stranger = booking.town.world.companion(booking.town.world.patient("mallory"))
    assert booking.browser.post(held, {"companion": str(stranger.id)}).status_code == 422


def test_a_hold_that_lapsed_says_so_and_keeps_what_was_chosen(booking: Booking) -> None:
    booking.clear()
    held = booking.hold()
    booking.browser.post(held, {"companion": str(booking.town.carl.id)})
    booking.town.set_clock(NOW.replace(minute=11))
    for step in ("companion", "consent", "price"):
        page = booking.browser.get(held.replace("companion", step))
        assert page.status_code == 200
        assert "no longer held" in page.content.decode()
    booking.browser.post(held.replace("companion", "price"), {"price_cents": "59500"})
    assert not Visit.objects.exists()
    again = booking.hold()
    assert (
        "checked"
        in booking.browser.get(again)
        .content.decode()
        .split(str(booking.town.carl.id))[1]
        .split(">")[0]
    )


def test_a_whole_series_is_held_and_booked_once(booking: Booking) -> None:
    booking.clear()
    booking.more_shifts(22)
    times = booking.to("times", "series")
    first, second = (booking.browser.post(times, {"hours": "morning"}) for _ in range(2))
    held = first.headers["Location"]
    assert held == second.headers["Location"]
    shown = booking.browser.get(held).content.decode()
    assert "can do all 6" in shown
    assert Hold.objects.count() == 6
    booking.sign(f"{held}/companion")
    for _ in range(2):
        answer = booking.browser.post(f"{held}/price", {"price_cents": "59500"})
        assert answer.status_code == 303
    assert Visit.objects.count() == 6
    assert (
        "Your visits are booked" in booking.browser.get(answer.headers["Location"]).content.decode()
    )


def test_a_series_is_given_back_for_other_dates(booking: Booking) -> None:
    booking.clear()
    booking.more_shifts(22)
    times = booking.to("times", "series")
    held = booking.browser.post(times, {}).headers["Location"]
    assert booking.browser.post(held).headers["Location"] == times
    assert not Hold.objects.exists()
    assert "no longer held" in booking.browser.get(held).content.decode()
    later = booking.browser.post(times, {"hours": "afternoon"})
    assert later.headers["Location"] != held


def test_what_cannot_be_had_is_answered_with_what_can(booking: Booking) -> None:
    booking.clear()
    booking.more_shifts(30)
    wish = {"first_day": "2027-08-20"}
    answer = booking.browser.post(booking.to("times", "series"), wish)
    assert answer.status_code == 409
    assert "All visits cannot be had like this" in answer.content.decode()
    for wrong in (
        {"first_day": "x"},
        {"nurse": "x"},
        {"count": "many"},
        {"first_day": "2020-01-01"},
    ):
        assert booking.browser.post(booking.to("times", "series"), wrong).status_code == 422
    assert not Series.objects.exists()


def test_an_alternative_can_be_held(booking: Booking) -> None:
    """Nina is on shift every other day until the fourth infusion; then Olga goes on."""
    booking.clear()
    world = booking.town.world
    for day in (2, 4, 6):
        world.shift(booking.town.nina, TOMORROW + timedelta(days=day))
    olga = world.nurse("olga")
    for day in (8, 10, 12, 14):
        world.shift(olga, TOMORROW + timedelta(days=day))
    times = booking.to("times", "series")
    wish = {"nurse": str(booking.town.nina.person_id)}
    refused = booking.browser.post(times, wish)
    assert refused.status_code == 409
    instead = refused.context["alternatives"][0]
    held = booking.browser.post(times, instead.fields)
    assert held.status_code == 303
    assert Hold.objects.count() == len(instead.windows)
