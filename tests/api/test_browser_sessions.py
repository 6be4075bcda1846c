"""The API as our own pages use it: by the browser's session, with proof that the page is ours."""

import pytest
from django.test import Client as Browser

from dispatch.models import Companion, User
from tests.api.town import ROOT, Town
from tests.web.signing_in import shown_by, sign_in, with_generator, with_password

BODY = '{"name": "Carla", "phone": "202 555 0177"}'


@pytest.fixture
def alice(town: Town) -> User:
    return with_password(town.alice.user_id)


@pytest.fixture
def browser(alice) -> Browser:
    """Alice's, signed in."""
    browser = Browser(enforce_csrf_checks=True)
    browser.get("/sign-in")
    token = browser.cookies["csrf"].value
    sign_in(browser, alice, csrfmiddlewaretoken=token)
    return browser


def post(browser: Browser, **headers: str):
    return browser.post(ROOT + "companions", BODY, "application/json", headers=headers)


def test_a_session_reads(browser, town) -> None:
    assert browser.get(ROOT + "me").json()["patient"] == str(town.alice.person_id)


def test_a_session_writes_only_with_the_token(browser) -> None:
    refused = post(browser)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert not Companion.objects.exists()
    token = browser.cookies["csrf"].value
    assert post(browser, **{"X-CSRFToken": token}).status_code == 201


def test_a_session_stays_within_the_table(browser) -> None:
    assert browser.get(ROOT + "board?date=2027-06-08").status_code == 403


def test_a_bearer_token_is_judged_alone(browser) -> None:
    answer = browser.get(ROOT + "me", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert browser.get(ROOT + "me", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_staff_without_a_second_factor_are_nobody(town, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    bob, plain, proven = with_password(town.bob.user_id), Browser(), Browser()
    sign_in(plain, bob)
    assert plain.get(ROOT + "me").status_code == 401
    secret = with_generator(bob)
    sign_in(proven, bob)
    assert proven.get(ROOT + "me").status_code == 401
    proven.post("/sign-in/code", {"code": shown_by(secret)})
    assert proven.get(ROOT + "me").status_code == 200
    assert plain.get(ROOT + "me").status_code == 401


def test_who_is_signed_out_is_out_of_the_api_too(browser, alice) -> None:
    User.objects.filter(id=alice.id).update(is_active=False)
    assert browser.get(ROOT + "me").status_code == 401
