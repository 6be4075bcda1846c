"""The page behind the link in a patient's text: what its bearer may see, and for how long."""

import re
from datetime import timedelta

import pytest

from dispatch.domain.channels import Language
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import (
    Companion,
    CompanionRequest,
    Market,
    Message,
    MessageAttempt,
    Patient,
)
from dispatch.models.clock import database_now
from dispatch.selectors.links import visit_secret
from dispatch.services.cancellation import cancel_visit
from dispatch.services.companions import answer_as_companion
from tests import door
from tests.builders import NOW, at
from tests.readying import make_ready
from workers import work


def set_clock(now) -> None:
    Market.objects.update(clock_offset=now - database_now())


@pytest.fixture
def link(town) -> str:
    """As it stands in the text that confirms the visit."""
    set_clock(NOW)
    assert town.assigned
    work.do_all()
    text = MessageAttempt.objects.get(message__kind="confirmation").body
    return re.search(r"/m/\S+", text)[0]


def test_the_link_shows_when_the_nurse_comes_and_what_to_prepare(browser, link) -> None:
    page = browser.get(link)
    text = page.content.decode()
    assert page.status_code == 200
    assert "10:00 AM" in text
    assert "private, quiet room" in text
    assert "has not confirmed" in text
    assert "tel:+12025550199" in text


def test_the_page_tells_neither_who_nor_what(browser, link) -> None:
    """Whoever holds the phone may see it."""
    text = browser.get(link).content.decode().lower()
    for word in (
        "alice",
        "carl",
        "nina",
        "main street",
        "ketamine",
        "infusion",
        "depress",
        "20001",
    ):
        assert word not in text


def test_the_page_is_neither_kept_nor_indexed_nor_told_to_others(browser, link) -> None:
    page = browser.get(link)
    assert "no-store" in page.headers["Cache-Control"]
    assert b'name="robots" content="noindex"' in page.content
    assert page.headers["Referrer-Policy"] == "same-origin" or b"no-referrer" in page.content
    assert not page.cookies
    for method in (browser.post, browser.put, browser.delete):
        assert method(link).status_code in {403, 405}  # without the token of a form: 403


def test_the_page_shows_the_visit_as_it_is_now(town, browser, link) -> None:
    asked = CompanionRequest.objects.get(visit=town.visit, replaced_at__isnull=True)
    answer_as_companion(asked.secret, CompanionAnswer.CONFIRMED, now=NOW)
    assert "has confirmed" in browser.get(link).content.decode()
    cancel_visit(town.visit, reason="", expected_version=None, by=town.alice, now=NOW)
    text = browser.get(link).content.decode()
    assert "cancelled" in text
    assert "private, quiet room" not in text


def test_the_page_shows_live_when_the_nurse_is_expected(town, browser, link) -> None:
    make_ready(town.world, town.visit, now=NOW)
    door.step(town.visit, Action.DEPART, town.nina, at(9, 50))
    set_clock(at(9, 50))
    work.do_all()
    text = browser.get(link).content.decode()
    assert "on the way" in text
    assert re.search(r"about 10:\d\d AM", text)
    assert "web/fresh.js" in text


@pytest.mark.parametrize("language", list(Language))
def test_each_reads_their_own_language(town, browser, link, language) -> None:
    Patient.objects.update(language=language.value)
    page = browser.get(link)
    assert f'<html lang="{language.value}">'.encode() in page.content
    assert ("La enfermera llega" in page.content.decode()) is (language is Language.SPANISH)


@pytest.mark.parametrize("language", list(Language))
def test_a_week_after_the_visit_the_link_has_expired_and_says_so(
    town, browser, link, language
) -> None:
    Patient.objects.update(language=language.value)
    end = at(10, 30)
    set_clock(end + timedelta(days=7) - timedelta(minutes=1))
    assert browser.get(link).status_code == 200
    set_clock(end + timedelta(days=7))
    page = browser.get(link)
    assert page.status_code == 410
    words = {Language.ENGLISH: "has expired", Language.SPANISH: "ha caducado"}
    assert words[language] in page.content.decode()
    assert "10:00" not in page.content.decode()


@pytest.mark.parametrize("language", list(Language))
def test_a_companions_link_expires_a_day_after_the_visit(town, browser, link, language) -> None:
    Companion.objects.update(language=language.value)
    asked = CompanionRequest.objects.get(visit=town.visit, replaced_at__isnull=True)
    theirs = f"/companion/{asked.secret}"
    page = browser.get(theirs)
    assert page.status_code == 200
    assert f'<html lang="{language.value}">'.encode() in page.content
    set_clock(at(10, 30) + timedelta(days=1))
    for ask in (browser.get, browser.post):
        page = ask(theirs)
        assert page.status_code == 410
        assert f'<html lang="{language.value}">'.encode() in page.content


def test_nobody_opens_a_link_that_we_have_not_signed(town, browser, link) -> None:
    token = link.removeprefix("/m/")
    other = "A" if token[30] != "A" else "Q"
    for one in (token[:30] + other + token[31:], token[:22], "x", "é", "%00", token * 2):
        assert browser.get(f"/m/{one}").status_code == 404
    companions = Message.objects.get(audience="companion", state="sent")
    assert browser.get(f"/m/{visit_secret(companions.id)}").status_code == 404
