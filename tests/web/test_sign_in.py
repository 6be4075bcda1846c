"""Signing in at the screens: passwords, second factors, and what staff must show."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from dispatch.models import AuditEntry, ScreenSession, SignIn, User
from dispatch.models.clock import database_now
from dispatch.services.sign_in import begin_sign_in
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.web.signing_in import (
    is_signed_in,
    recovery_codes,
    shown_by,
    sign_in,
    with_generator,
    with_password,
)

pytestmark = pytest.mark.usefixtures("quick_passwords")

NEW = "another horse battery staple"
TOKENS = re.compile('(name="csrfmiddlewaretoken" value|name="csrf" content)="[^"]+"')
"""New in every answer, and of nobody."""


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def alice(town: Town) -> User:
    return with_password(town.alice.user_id)


@pytest.fixture
def bob(town: Town) -> User:
    return with_password(town.bob.user_id)


def test_who_is_nobody_yet_is_led_to_the_sign_in(client, town) -> None:
    assert client.get("/").headers["Location"] == "/sign-in"
    for screen in ("/board/", "/route/", "/book/"):
        assert client.get(screen).headers["Location"].startswith("/sign-in?next=")
    assert client.get("/account").headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("who", "screen"),
    [("alice", "/book/"), ("bob", "/board/"), ("nina", "/route/"), ("anna", "/office/")],
)
def test_everybody_is_led_to_their_own_screen(client, town, settings, who, screen) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    answer = sign_in(client, with_password(getattr(town, who).user_id))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").headers["Location"] == screen
    assert client.get(screen).status_code == 200
    may = {screen, "/board/"} if who == "anna" else {screen}
    for other in {"/book/", "/board/", "/route/", "/office/", "/inbox/"} - may:
        assert client.get(other).headers["Location"] == "/"


def test_a_wrong_password_an_unknown_name_and_a_closed_account_look_alike(town, alice) -> None:
    def said(name: str, password: str) -> tuple[int, str]:
        answer = Client().post("/sign-in", {"login": name, "password": password})
        text = answer.content.decode().replace(name, "")
        return answer.status_code, TOKENS.sub("", text)

    wrong = said(alice.username, "x")
    assert wrong == said("nobody@nowhere", "x")
    User.objects.filter(id=alice.id).update(is_active=False)
    assert wrong == said(alice.username, PASSWORD)
    assert not ScreenSession.objects.filter(user__isnull=False).exists()


def test_nobody_signs_up_and_no_password_is_reset_by_email(client, town) -> None:
    for path in ("signup", "password/reset", "email", "social/signup", "3rdparty/signup"):
        for root in ("/", "/accounts/", "/account/", "/sign-in/"):
            assert client.get(root + path).status_code == 404
            assert client.get(root + path + "/").status_code == 404


def test_staff_get_no_further_without_a_second_factor(client, town, bob, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, bob)
    assert client.get("/board/").headers["Location"].startswith("/account?")
    assert "generator" in client.get("/account").content.decode()


def test_a_patient_needs_none(client, alice, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, alice)
    assert client.get("/book/").status_code == 200


def test_who_enrols_a_generator_goes_on(client, bob, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, bob)
    asked = client.get("/account/second-factor/generator")
    assert asked.headers["Location"].startswith("/account/again?next=")
    client.post(asked.headers["Location"], {"password": PASSWORD})
    page = client.get("/account/second-factor/generator").content.decode()
    assert "<svg" in page
    secret = page.partition("<code>")[2].partition("</code>")[0]
    client.post("/account/second-factor/generator", {"code": shown_by(secret)})
    kept = Authenticator.objects.get(user=bob, type="totp").data["secret"]
    assert secret not in kept
    assert client.get("/board/").status_code == 200
    assert len(recovery_codes(bob)) == 10


def test_who_has_a_generator_is_asked_for_its_code(client, bob, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    secret = with_generator(bob)
    assert sign_in(client, bob).headers["Location"] == "/sign-in/code"
    assert not is_signed_in(client)
    wrong = client.post("/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 200
    assert not is_signed_in(client)
    client.post("/sign-in/code", {"code": shown_by(secret)})
    assert is_signed_in(client)
    assert client.get("/board/").status_code == 200


def test_a_code_is_good_for_one_browser(bob) -> None:
    code = shown_by(with_generator(bob))
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, bob)
        browser.post("/sign-in/code", {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_a_recovery_code_is_good_once(bob) -> None:
    with_generator(bob)
    code = recovery_codes(bob)[0]
    first, second = Client(), Client()
    for browser in (first, second):
        sign_in(browser, bob)
        browser.post("/sign-in/code", {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)
    assert code not in recovery_codes(bob)


@pytest.mark.parametrize("code", ["", "x" * 5000, "１２３４５６", "12 34 56", "\0", "-1"])
def test_no_code_breaks_the_page(client, bob, code) -> None:
    with_generator(bob)
    sign_in(client, bob)
    assert client.post("/sign-in/code", {"code": code}).status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "credential",
    ["", "x", "[]", "{}", "null", '{"id": 1}', '{"response": 3}', '{"response": {"userHandle": 1}}',
     (
         '{"id": "a", "rawId": "a", "type": "public-key", "response": {"userHandle": "YQ", '
         '"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}'
     )],
)  # fmt: skip
def test_no_passkey_breaks_the_page(client, bob, credential) -> None:
    client.get("/sign-in/passkey", headers={"Accept": "application/json"})
    answer = client.post("/sign-in/passkey", {"credential": credential})
    assert answer.status_code == 302
    assert not is_signed_in(client)


def test_a_second_factor_is_taken_off_only_by_who_was_just_asked_again(client, bob) -> None:
    secret = with_generator(bob)
    sign_in(client, bob)
    client.post("/sign-in/code", {"code": shown_by(secret)})
    remove = "/account/second-factor/generator/remove"
    asked = client.post(remove, follow=True).redirect_chain[-1][0]
    assert asked.startswith("/account/again/code?next="), "not for the password alone"
    client.post("/account/again", {"password": PASSWORD, "next": "/account"})
    assert client.post(remove).status_code == 302
    assert Authenticator.objects.filter(user=bob, type="totp").exists()
    client.post("/account/again/code", {"code": recovery_codes(bob)[0], "next": "/account"})
    assert client.post(remove).status_code == 302
    assert not Authenticator.objects.filter(user=bob).exists()


def test_another_password_ends_every_other_sign_in(client, town, alice) -> None:
    phone, other = begin_sign_in(alice.id, now=database_now()), Client()
    for browser in (client, other):
        sign_in(browser, alice)
    body = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password", body).status_code == 302
    assert (is_signed_in(client), is_signed_in(other)) == (True, False)
    assert SignIn.objects.get(id=phone).ended_because == "password_changed"
    assert AuditEntry.objects.filter(verb="change_password", user=alice).count() == 1
    assert sign_in(Client(), alice, NEW).status_code == 302


def test_all_sign_ins_are_shown_and_can_be_ended(client, alice, bob) -> None:
    phone, other = begin_sign_in(alice.id, now=database_now()), Client()
    sign_in(other, alice)
    elsewhere = ScreenSession.objects.get(user=alice).id
    sign_in(client, alice)
    page = client.get("/account").content.decode()
    assert f"/account/session/{elsewhere}/end" in page
    assert f"/account/sign-in/{phone}/end" in page
    stranger = Client()
    sign_in(stranger, bob)
    for path in (f"/account/session/{elsewhere}/end", f"/account/sign-in/{phone}/end"):
        assert stranger.post(path).status_code == 404
        assert client.post(path).status_code == 302
        assert client.post(path).status_code == 404
    assert (is_signed_in(client), is_signed_in(other)) == (True, False)
    assert SignIn.objects.get(id=phone).ended_at <= database_now()


def test_who_signs_out_is_out(client, alice) -> None:
    sign_in(client, alice)
    stolen = client.cookies["session"].value
    client.post("/sign-out")
    assert not is_signed_in(client)
    thief = Client()
    thief.cookies["session"] = stolen
    assert not is_signed_in(thief)
    assert not ScreenSession.objects.filter(user=alice).exists()
    noted = AuditEntry.objects.filter(user=alice, subject="user_account").order_by("id")
    assert list(noted.values_list("verb", flat=True)) == ["sign_in", "signed_out"]


def test_the_way_on_leads_nowhere_else(client, alice) -> None:
    answer = sign_in(client, alice, next="https://evil.example/")
    assert answer.headers["Location"] == "/"


def test_a_passkey_is_for_the_public_address(client, bob, settings) -> None:
    settings.PUBLIC_URL = "https://nurse.example/app"
    sign_in(client, bob)
    client.post("/account/again", {"password": PASSWORD, "next": "/account"})
    assert (
        '"id": "nurse.example"'
        in client.get("/account/second-factor/passkeys/add").content.decode()
    )
