"""Passkeys from making one to signing in with nothing else, by a passkey in software."""

import json
import re
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client

from dispatch.models import AuditEntry, User
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.passkeys import Passkey
from tests.web.signing_in import is_signed_in, sign_in, with_password

pytestmark = pytest.mark.usefixtures("quick_passwords")

ADD = "/account/second-factor/passkeys/add"
ALONE = "/sign-in/passkey"


@pytest.fixture
def bob(town: Town, settings) -> User:
    settings.SECOND_FACTOR_REQUIRED = True
    settings.PUBLIC_URL = "https://nurse.example"
    return with_password(town.bob.user_id)


@pytest.fixture
def passkey() -> Passkey:
    return Passkey("https://nurse.example", "nurse.example")


@pytest.fixture
def enrolled(bob, passkey) -> Client:
    """Bob's browser, in which he has just made the passkey."""
    browser = Client()
    sign_in(browser, bob)
    browser.post("/account/again", {"password": PASSWORD, "next": "/account"})
    made = {"credential": passkey.made(asked_by(browser, ADD)), "passwordless": "on"}
    assert browser.post(ADD, made).status_code == 302
    return browser


def asked_by(browser: Client, path: str) -> dict:
    """Return what the page asks the browser for."""
    page = browser.get(path).content.decode()
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def alone(browser: Client, passkey: Passkey) -> bool:
    """Sign in with nothing but the passkey; return whether it opened."""
    options = browser.get(ALONE, headers={"Accept": "application/json"}).json()
    browser.post(ALONE, {"credential": passkey.shown(options)})
    return is_signed_in(browser)


def test_who_makes_one_has_shown_a_second_factor(enrolled, bob) -> None:
    assert Authenticator.objects.filter(user=bob, type="webauthn").count() == 1
    assert enrolled.get("/board/").status_code == 200


def test_it_is_the_second_step_of_a_sign_in(enrolled, bob, passkey) -> None:
    browser = Client()
    assert sign_in(browser, bob).headers["Location"] == "/sign-in/code"
    shown = passkey.shown(asked_by(browser, "/sign-in/code"))
    assert browser.post("/sign-in/code", {"credential": shown}).headers["Location"] == "/"
    assert browser.get("/board/").status_code == 200
    replayed = Client()
    sign_in(replayed, bob)
    asked_by(replayed, "/sign-in/code")
    assert replayed.post("/sign-in/code", {"credential": shown}).status_code == 200
    assert not is_signed_in(replayed)


def test_it_opens_alone_and_counts_as_both(enrolled, passkey) -> None:
    browser = Client()
    assert alone(browser, passkey)
    assert browser.get("/board/").status_code == 200


def test_before_it_is_taken_off_it_is_shown_again(enrolled, bob, passkey) -> None:
    browser = Client()
    alone(browser, passkey)
    again = "/account/again/passkey"
    (kept,) = Authenticator.objects.filter(user=bob, type="webauthn")
    remove = f"/account/second-factor/passkeys/{kept.id}/remove"
    browser.post(remove)
    assert Authenticator.objects.filter(id=kept.id).exists()
    shown = passkey.shown(asked_by(browser, again))
    assert browser.post(again, {"credential": shown, "next": "/account"}).status_code == 302
    browser.post(remove)
    assert not Authenticator.objects.filter(user=bob).exists()
    noted = AuditEntry.objects.filter(user=bob, subject="user_account").order_by("id")
    assert list(noted.values_list("verb", flat=True)) == [
        "sign_in", "webauthn_added", "sign_in", "webauthn_removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://nurse.example.evil"},
        {"origin": "http://nurse.example"},
        {"rp": "evil.example"},
        {"name": b"another"},
        {"knows_holder": False},
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"user_handle": "MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw"},
    ],
)
def test_another_key_page_or_person_opens_nothing(enrolled, passkey, change) -> None:
    assert not alone(Client(), replace(passkey, **change))


def test_one_of_another_page_is_not_kept(bob) -> None:
    browser = Client()
    sign_in(browser, bob)
    browser.post("/account/again", {"password": PASSWORD, "next": "/account"})
    stranger = Passkey("https://evil.example", "nurse.example")
    made = {"credential": stranger.made(asked_by(browser, ADD))}
    assert browser.post(ADD, made).status_code == 200
    assert not Authenticator.objects.exists()


def test_who_was_closed_is_not_let_in_by_it(enrolled, bob, passkey) -> None:
    User.objects.filter(id=bob.id).update(is_active=False)
    assert not alone(Client(), passkey)
