"""The page behind the companion's link: it asks, and only its buttons answer."""

import pytest

from dispatch.models import CompanionRequest
from dispatch.services.cancellation import cancel_visit
from dispatch.services.companions import name_companion
from tests.api.town import Town
from tests.builders import NOW
from workers import work


@pytest.fixture
def link(town: Town) -> str:
    return link_of(town)


def link_of(town: Town) -> str:
    assert town.assigned
    work.deliver_events()
    asked = CompanionRequest.objects.get(visit=town.visit, replaced_at__isnull=True)
    return f"/companion/{asked.secret}"


def answer_of(town: Town) -> str:
    return CompanionRequest.objects.get(visit=town.visit, replaced_at__isnull=True).answer


def test_a_link_preview_does_not_answer_for_the_companion(town, browser, link) -> None:
    for _ in range(2):
        page = browser.get(link, headers={"User-Agent": "facebookexternalhit/1.1"})
        assert page.status_code == 200
        assert b"10:00" in page.content
        assert browser.head(link).status_code == 200
        assert browser.get(link + "?answer=confirmed").status_code == 200
        assert answer_of(town) == "asked"
    for method in (browser.put, browser.delete, browser.patch):
        assert method(link).status_code == 405
    assert answer_of(town) == "asked"


@pytest.mark.parametrize("said", ["confirmed", "declined"])
def test_a_button_answers_and_the_page_says_so(town, browser, link, said) -> None:
    page = browser.post(link, {"answer": said})
    assert page.status_code == 200
    assert answer_of(town) == said
    assert f"have {said}".encode() in page.content


def test_the_last_word_counts(town, browser, link) -> None:
    for said in ("confirmed", "declined", "confirmed"):
        browser.post(link, {"answer": said})
        assert answer_of(town) == said


@pytest.mark.parametrize("sent", [{}, {"answer": ""}, {"answer": "asked"}, {"answer": "a\x00b"}])
def test_another_answer_is_none(town, browser, link, sent) -> None:
    assert browser.post(link, sent).status_code == 400
    assert answer_of(town) == "asked"


def test_the_page_tells_neither_who_nor_what(town, browser, link) -> None:
    """Whoever holds the phone may see it."""
    page = browser.get(link).content.decode().lower()
    for word in ("alice", "carl", "main street", "ketamine", "infusion", "20001"):
        assert word not in page


def test_the_page_is_neither_kept_nor_told_to_others(browser, link) -> None:
    page = browser.get(link)
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "same-origin" or b"no-referrer" in page.content
    assert not page.cookies


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("secret", ["x", "x" * 5000, "%00", "%ff", "é", "..%2F"])
def test_a_link_that_is_none_of_ours_is_a_404(browser, secret) -> None:
    for ask in (browser.get, browser.post):
        page = ask(f"/companion/{secret}")
        assert page.status_code == 404


def test_the_link_of_whoever_was_replaced_is_closed(town, browser, link) -> None:
    cora = town.world.companion(town.alice)
    name_companion(town.visit, cora.id, expected_version=None, by=town.alice, now=NOW)
    work.deliver_events()
    assert browser.get(link).status_code == 404
    assert browser.post(link, {"answer": "confirmed"}).status_code == 404
    assert answer_of(town) == "asked"
    newest = link_of(town)
    assert newest != link
    assert browser.post(newest, {"answer": "confirmed"}).status_code == 200


def test_a_visit_that_was_called_off_asks_nobody(town, browser, link) -> None:
    cancel_visit(town.visit, reason="", expected_version=None, by=town.alice, now=NOW)
    page = browser.post(link, {"answer": "confirmed"})
    assert page.status_code == 409
    assert b"called off" in page.content
    assert answer_of(town) == "asked"
    assert browser.get(link).status_code == 409
