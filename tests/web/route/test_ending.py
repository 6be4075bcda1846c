"""The end of the day in words: what is open is named with the way to close it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.custody import EntryKind
from dispatch.models import CustodyEntry, CustodySignature, Market, User
from dispatch.models.clock import database_now
from tests.builders import TODAY, at
from tests.services.custody_day import Day
from web.languages import all_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> Day:
    """The evening of the day of Nina's visit."""
    day = Day()
    Market.objects.filter(id=day.world.market.id).update(clock_offset=at(17) - database_now())
    return day


def signed_in(day: Day, name: str) -> Client:
    browser = Client()
    user = User.objects.get(id=getattr(day, name).user_id)
    browser.force_login(user, "web.sign_in.backend.Backend")
    return browser


def test_what_is_open_leads_to_where_it_is_closed(day: Day) -> None:
    day.told(EntryKind.CHECKED_OUT)
    page = signed_in(day, "nina").get("/route/end").content.decode()
    assert 'data-done="no"' in page
    assert "Visits that are not closed" in page
    assert "Vials that are not settled" in page
    assert page.count(f'href="/route/visits/{day.visit}"') == 2
    assert "50000" in page


def test_a_day_without_anything_open_may_be_called_finished(day: Day) -> None:
    page = signed_in(day, "nora").get("/route/end").content.decode()
    assert 'data-done="yes"' in page
    assert "Alice" not in page


def test_the_witness_who_was_named_signs_here(day: Day) -> None:
    day.told(EntryKind.CHECKED_OUT)
    wasted = day.told(EntryKind.WASTED, 50_000, witness_id=day.nora.user_id)
    nora = signed_in(day, "nora")
    address = f"/route/end/{wasted}/sign"
    assert f'action="{address}"' in nora.get("/route/end").content.decode()
    assert str(wasted) not in signed_in(day, "dora").get("/route/end").content.decode()
    answer = nora.post(address)
    assert (answer.status_code, answer["Location"]) == (303, "/route/end")
    assert CustodySignature.objects.get().entry_id == wasted
    assert f'action="{address}"' not in nora.get("/route/end").content.decode()


def test_nobody_signs_what_is_their_own_or_is_not_there(day: Day) -> None:
    day.told(EntryKind.CHECKED_OUT)
    wasted = day.told(EntryKind.WASTED, 50_000)
    nina = signed_in(day, "nina")
    assert nina.post(f"/route/end/{wasted}/sign").status_code == 409
    assert nina.post(f"/route/end/{uuid4()}/sign").status_code == 404
    assert not CustodySignature.objects.exists()
    assert CustodyEntry.objects.filter(kind="wasted").count() == 1


def test_both_languages_have_the_same_words_for_it() -> None:
    for page in ("route_offline", "route_unkept", "route_end"):
        english, spanish = all_words("en")[page], all_words("es")[page]
        assert english.keys() == spanish.keys()
        assert all("{n}" in spanish[key] for key, text in english.items() if "{n}" in text)


def test_nothing_is_named_of_a_day_off(day: Day) -> None:
    Market.objects.filter(id=day.world.market.id).update(
        clock_offset=at(9, day=TODAY) - database_now()
    )
    page = signed_in(day, "nina").get("/route/end").content.decode()
    assert "Nothing was packed for today." in page
    assert 'data-done="yes"' in page
