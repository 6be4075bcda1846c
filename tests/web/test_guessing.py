"""Guesses at the screens count with those at the API; who is locked out is told for how long."""

from ipaddress import IPv4Address, ip_network
from secrets import token_hex
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.test import Client

from dispatch.domain.limits import Limit
from dispatch.models import AuditEntry, ScreenSession, User
from tests.api import signing_in as api
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
from web.sign_in import forms

pytestmark = pytest.mark.usefixtures("quick_passwords")

FEW, WRONG = 3, "no code"
AGAIN = "/account/again/code"


@pytest.fixture
def bob(town: Town, settings) -> User:
    settings.AXES_FAILURE_LIMIT = FEW
    return with_password(town.bob.user_id)


@pytest.fixture
def client() -> Client:
    return Client()


def is_locked_out(answer) -> bool:
    if answer.status_code != 429:
        return False
    assert 890 < int(answer.headers["Retry-After"]) <= 900
    assert "Minutes to wait: 15" in answer.content.decode()
    return True


def test_wrong_codes_lock_out_and_not_even_the_right_one_is_checked(client, bob) -> None:
    secret = with_generator(bob)
    sign_in(client, bob)
    for _ in range(FEW):
        assert client.post("/sign-in/code", {"code": WRONG}).status_code == 200
    assert is_locked_out(client.post("/sign-in/code", {"code": shown_by(secret)}))
    assert not is_signed_in(client)
    assert is_locked_out(sign_in(Client(), bob)), "the password is counted with it"
    verbs = list(AuditEntry.objects.filter(role="stranger").values_list("verb", flat=True))
    assert verbs.count("second_factor_failed") == FEW


def test_without_the_count_more_are_checked(client, bob, monkeypatch) -> None:
    """The control."""
    monkeypatch.setattr(forms, "count_try", lambda _name, _address: None)
    with_generator(bob)
    sign_in(client, bob)
    for _ in range(2 * FEW):
        assert client.post("/sign-in/code", {"code": WRONG}).status_code == 200


def test_beginning_the_sign_in_anew_gives_no_more_guesses(bob) -> None:
    with_generator(bob)
    answers = []
    for _ in range(FEW):
        browser = Client()
        sign_in(browser, bob)
        answers.append(browser.post("/sign-in/code", {"code": WRONG}).status_code)
    assert answers == [200] * FEW
    assert is_locked_out(sign_in(Client(), bob))


def test_a_right_code_begins_the_count_anew(client, bob) -> None:
    secret = with_generator(bob)
    sign_in(client, bob)
    client.post("/sign-in/code", {"code": WRONG})
    client.post("/sign-in/code", {"code": shown_by(secret)})
    assert is_signed_in(client)
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("name", [None, "nobody"])
def test_wrong_passwords_lock_out_whoever_has_the_name(client, bob, name) -> None:
    user = User(username=name or bob.username)
    for _ in range(FEW):
        assert sign_in(client, user, "wrong").status_code == 200
    assert is_locked_out(sign_in(client, user))


def test_who_guessed_at_the_api_is_locked_out_here(client, bob) -> None:
    for _ in range(FEW):
        assert api.sign_in(bob.username, "wrong").status_code == 401
    assert is_locked_out(sign_in(client, bob))


def test_a_closed_account_is_locked_out_like_a_wrong_password(client, bob) -> None:
    User.objects.filter(id=bob.id).update(is_active=False)
    for _ in range(FEW):
        assert sign_in(client, bob).status_code == 200
    assert is_locked_out(sign_in(client, bob))


@pytest.mark.parametrize("path", ["/account/again", "/account/password"])
def test_the_password_is_not_for_guessing_by_who_sits_at_an_open_screen(client, bob, path) -> None:
    sign_in(client, bob)
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    for _ in range(FEW):
        guess = {"password": "wrong", "oldpassword": "wrong"} | new
        assert client.post(path, guess).status_code == 200
    right = {"password": PASSWORD, "oldpassword": PASSWORD} | new
    assert is_locked_out(client.post(path, right))
    assert User.objects.get(id=bob.id).password == bob.password


def test_nor_is_the_code(client, bob) -> None:
    secret = with_generator(bob)
    sign_in(client, bob)
    client.post("/sign-in/code", {"code": shown_by(secret)})
    for _ in range(FEW):
        assert client.post(AGAIN, {"code": WRONG}).status_code == 200
    assert is_locked_out(client.post(AGAIN, {"code": recovery_codes(bob)[0]}))


@pytest.mark.parametrize("path", ["/sign-in/passkey", "/sign-in/provider"])
def test_an_address_may_ask_for_so_much_checking(client, bob, settings, path) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    settings.LIMITS = settings.LIMITS | {"sign_in_address": Limit(FEW, 60)}
    body = {"credential": "[1]"}
    address = f"2001:db8:{token_hex(2)}:{token_hex(2)}::1"
    answers = [client.post(path, body, REMOTE_ADDR=address) for _ in range(FEW + 1)]
    assert [one.status_code == 429 for one in answers] == [False] * FEW + [True]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_right_password_is_no_guess(client, bob) -> None:
    sign_in(client, bob)
    for _ in range(2 * FEW):
        assert client.post("/account/again", {"password": PASSWORD}).status_code == 302


def test_the_page_speaks_the_browsers_language(client, bob) -> None:
    for _ in range(FEW):
        sign_in(client, bob, "wrong")
    told = client.post(
        "/sign-in", {"login": bob.username, "password": "x"}, headers={"Accept-Language": "es"}
    )
    assert "Minutos de espera: 15" in told.content.decode()


def test_nobody_fills_the_table_of_sessions(db, settings) -> None:
    settings.LIMITS = settings.LIMITS | {"anonymous": Limit(FEW, 60)}
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    here = str(IPv4Address(uuid4().int % 2**32))
    answers = [
        Client(headers={"X-Forwarded-For": here, "Cookie": "sessionid=none"}).get("/sign-in")
        for _ in range(2 * FEW)
    ]
    assert [one.status_code for one in answers] == [200] * FEW + [429] * FEW
    assert ScreenSession.objects.count() <= FEW
