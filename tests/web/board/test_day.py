"""The board's page and the day alone: what stands in them, for whom, and when they are not sent."""

import re

import pytest
from django.test import Client

from dispatch.models import Visit
from tests.api.town import Town
from tests.builders import TOMORROW
from tests.canaries import MARK
from tests.web.signing_in import sign_in, with_password
from web.languages import all_words

pytestmark = pytest.mark.usefixtures("quick_passwords")
DAY = f"date={TOMORROW.isoformat()}"


@pytest.fixture
def bob(town: Town) -> Client:
    browser = Client()
    sign_in(browser, with_password(town.bob.user_id))
    return browser


def test_a_visit_is_a_button_with_what_scripts_need(town, bob) -> None:
    visit = Visit.objects.get(id=town.assigned)
    page = bob.get(f"/board/?{DAY}").content.decode()
    (button,) = re.findall(r'<button type="button" class="visit"[^>]*>', page)
    for fact in (
        f'data-visit="{visit.id}"', f'data-version="{visit.version}"', 'data-status="assigned"',
        f'data-start="{visit.reservation.start_at.isoformat()}"',
        f'data-end="{visit.reservation.end_at.isoformat()}"',
        'data-exceptions="companion_missing"', 'draggable="true"',
    ):  # fmt: skip
        assert fact in button
    assert f'data-nurse="{town.nina.person_id}" data-shift="{town.shift.id}"' in page
    assert f"alice {MARK}" in page
    assert "style=" not in page


def test_a_visit_without_a_nurse_says_how_many_could_take_it(town, bob) -> None:
    assert town.visit
    page = bob.get(f"/board/?{DAY}").content.decode()
    assert 'data-exceptions="unassigned"' in page
    assert "1 nurse can" in page


def test_the_day_is_sent_again_only_once_it_is_another(town, bob) -> None:
    assert town.visit
    first = bob.get(f"/board/day?{DAY}")
    assert first.status_code == 200
    asked = {"If-None-Match": first["ETag"], "X-Background": "1"}
    same = bob.get(f"/board/day?{DAY}", headers=asked)
    assert (same.status_code, same.content) == (304, b"")
    assert town.assigned
    other = bob.get(f"/board/day?{DAY}", headers=asked)
    assert other.status_code == 200
    assert other["ETag"] != first["ETag"]


def test_the_mark_is_of_a_language(bob) -> None:
    mark = bob.get(f"/board/day?{DAY}")["ETag"]
    spanish = {"Accept-Language": "es", "If-None-Match": mark}
    answer = bob.get(f"/board/day?{DAY}", headers=spanish)
    assert answer.status_code == 200
    assert "Sin asignar" in answer.content.decode()


@pytest.mark.parametrize("day", ["yesterday", "2027-02-30", "0001-01-01", "9999-12-31", "%00"])
@pytest.mark.parametrize("path", ["/board/", "/board/day"])
def test_a_day_that_cannot_be_read_is_refused(bob, path, day) -> None:
    refused = bob.get(f"{path}?date={day}")
    assert refused.status_code == 422
    assert "Write the day as" in refused.content.decode()


def test_no_other_role_sees_the_day(town) -> None:
    for person in (town.alice, town.nina, town.dora):
        browser = Client()
        sign_in(browser, with_password(person.user_id))
        for path in ("/board/", "/board/day"):
            answer = browser.get(path)
            assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Client().get("/board/day").status_code == 302


def test_another_markets_day_stays_its_own(town, bob) -> None:
    other = Town("Elsewhere")
    assert other.assigned
    assert str(other.visit) not in bob.get(f"/board/?{DAY}").content.decode()


def test_the_words_are_there_in_both_languages() -> None:
    english, spanish = (all_words(one)["board"] for one in ("en", "es"))
    assert english.keys() == spanish.keys()
