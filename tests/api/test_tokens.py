"""Signing in: short access tokens, refresh tokens that are good for one use, families that end."""

import base64
import json
from datetime import timedelta
from threading import Barrier

import pytest

from dispatch import tenancy
from dispatch.models import SignIn, SpentToken, User
from dispatch.models.clock import database_now
from dispatch.selectors.sessions import sign_ins_of
from tests.api import signing_in
from tests.api.test_idempotency import at_once
from tests.api.town import Client, Town, assert_problem
from tests.builders import PASSWORD


@pytest.fixture
def name(town: Town) -> str:
    return with_password(town)


def with_password(town: Town) -> str:
    user = User.objects.get(id=town.alice.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user.username


def sign_in(name: str, password: str = PASSWORD):
    return Client().post_("auth/token", {"username": name, "password": password})


def renew(token: str):
    return Client().post_("auth/refresh", {"refresh": token})


def me(access: str):
    return Client().ask("GET", "me", Authorization=f"Bearer {access}")


def claims(token: str) -> dict:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_who_signs_in_is_told_who_they_are(town, name) -> None:
    answer = me(sign_in(name).json()["access"])
    assert answer.status_code == 200
    assert answer.json()["role"] == "patient"
    assert answer.json()["patient"] == str(town.alice.person_id)
    assert answer.json()["market"]["id"] == str(town.market.id)


def test_an_access_token_ends_within_ten_minutes(name) -> None:
    pair = sign_in(name).json()
    for token in (pair["access"], renew(pair["refresh"]).json()["access"]):
        held = claims(token)
        assert 0 < held["exp"] - held["iat"] <= 600
        assert held.keys() == {"token_type", "exp", "iat", "jti", "user_id", "family"}


def test_a_wrong_password_is_answered_like_an_unknown_name(town, name) -> None:
    wrong, unknown = sign_in(name, "x"), sign_in("nobody")
    assert_problem(wrong, 401, "authentication_failed")
    assert wrong.content == unknown.content
    User.objects.filter(username=name).update(is_active=False)
    assert sign_in(name).content == unknown.content
    assert not SignIn.objects.exists()


def test_a_user_who_is_no_longer_active_is_refused_everywhere(name) -> None:
    pair = sign_in(name).json()
    User.objects.filter(username=name).update(is_active=False)
    assert_problem(me(pair["access"]), 401)
    assert_problem(renew(pair["refresh"]), 401, "signed_out")


def test_a_refresh_token_is_good_for_one_use(name) -> None:
    first = sign_in(name).json()["refresh"]
    second = renew(first).json()["refresh"]
    assert renew(second).status_code == 200


def test_a_refresh_token_used_twice_ends_the_sign_in(name) -> None:
    first = sign_in(name).json()["refresh"]
    second = renew(first).json()["refresh"]
    assert_problem(renew(first), 401, "signed_out")
    assert_problem(renew(second), 401, "signed_out")
    assert SignIn.objects.get().ended_because == "token_reused"


@pytest.mark.parametrize(
    ("who", "longest"), [("alice", timedelta(days=30)), ("bob", timedelta(hours=12))]
)
def test_a_sign_in_ends_by_itself_however_often_it_is_renewed(town: Town, who, longest) -> None:
    pair = sign_in(signing_in.with_password(getattr(town, who))).json()
    for age, status in ((longest - timedelta(minutes=1), 200), (longest, 401)):
        SignIn.objects.update(begun_at=database_now() - age)
        assert me(pair["access"]).status_code == status
        answer = renew(pair["refresh"])
        assert answer.status_code == status
        pair = answer.json() if status == 200 else pair
    with tenancy.everywhere():
        assert sign_ins_of(getattr(town, who).user_id) == []


def test_another_sign_in_of_the_same_user_goes_on(name) -> None:
    stolen, own = (sign_in(name).json()["refresh"] for _ in range(2))
    renew(stolen)
    renew(stolen)
    assert renew(own).status_code == 200


def test_who_signs_out_cannot_renew(name) -> None:
    token = sign_in(name).json()["refresh"]
    for _ in range(2):
        answer = Client().post_("auth/logout", {"refresh": token})
        assert answer.status_code == 204
        assert not answer.content
    assert_problem(renew(token), 401, "signed_out")
    assert SignIn.objects.get().ended_because == "signed_out"


def test_neither_token_stands_for_the_other(name) -> None:
    pair = sign_in(name).json()
    assert_problem(me(pair["refresh"]), 401)
    assert_problem(renew(pair["access"]), 401, "signed_out")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_altered_is_refused(name, part) -> None:
    pair = sign_in(name).json()
    for token, ask in ((pair["access"], me), (pair["refresh"], renew)):
        parts = token.split(".")
        parts[part] = ("A" if parts[part][0] != "A" else "B") + parts[part][1:]
        assert_problem(ask(".".join(parts)), 401)


def test_a_token_without_a_signature_is_refused(name) -> None:
    pair = sign_in(name).json()
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    for token, ask in ((pair["access"], me), (pair["refresh"], renew)):
        assert_problem(ask(f"{head}.{token.split('.')[1]}."), 401)


@pytest.mark.usefixtures("fresh_database")
def test_of_thirty_uses_of_one_refresh_token_one_succeeds_and_the_sign_in_ends() -> None:
    token, start = sign_in(with_password(Town())).json()["refresh"], Barrier(30, timeout=30)
    answers = at_once(30, lambda: (start.wait(), renew(token))[1])
    (winner,) = (answer for answer in answers if answer.status_code == 200)
    assert sorted(a.status_code for a in answers) == [200, *[401] * 29]
    assert SpentToken.objects.count() == 1
    assert SignIn.objects.get().ended_because == "token_reused"
    assert_problem(renew(winner.json()["refresh"]), 401, "signed_out")
