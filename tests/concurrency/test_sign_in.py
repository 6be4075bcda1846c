"""The races of signing in, against the service's own processes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from dispatch.domain.limits import TRIES, lifted
from dispatch.models import SignIn, SpentToken
from dispatch.models.clock import database_now
from tests.api.signing_in import shown_by_app, with_password, with_totp
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.concurrency.racing import race
from tests.faults.running import ANSWER_S, start_api

Answer = tuple[int, dict[str, Any]]
NAME_LIMIT = 20
ADDRESSES = count(1)


def asked(url: str, path: str, body: Any, address: str = "", token: str = "") -> Answer:
    """Ask as if from an address; each time another one where none is named."""
    number = next(ADDRESSES)
    headers = {
        "Content-Type": "application/json",
        "X-Forwarded-For": address or f"203.0.{number // 250}.{number % 250 + 1}",
    } | ({"Authorization": f"Bearer {token}"} if token else {})
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=ANSWER_S)
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, f"/api/v1/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.mark.journey
def test_signing_in_under_fifty_and_sixty_at_once(launch, services_env) -> None:
    town = Town()
    url = start_api(
        launch,
        services_env
        | {"TRUSTED_PROXIES": "127.0.0.1", "LIMITS": f"{lifted()},sign_in_name={NAME_LIMIT}/600"},
    )
    sign_in = partial(asked, url, "auth/token")
    of_sixty_wrong_tries_five_are_checked(town, sign_in)
    of_sixty_log_ins_no_more_than_the_limit_succeed(town, sign_in)
    of_twenty_uses_of_one_code_one_succeeds(town, sign_in)
    of_fifty_uses_of_one_refresh_token_one_succeeds(town, sign_in, partial(asked, url))


def at_once(times: int, ask: Callable[[], Answer]) -> tuple[Counter[int], list[Answer]]:
    answers = race([ask] * times)
    got = [one for one in answers if not isinstance(one, Exception)]
    assert len(got) == times, answers
    return Counter(status for status, _body in got), got


def of_sixty_wrong_tries_five_are_checked(town: Town, sign_in) -> None:
    wrong = {"username": with_password(town.alice), "password": "wrong"}
    told, _ = at_once(60, partial(sign_in, wrong, address="198.51.100.7"))
    assert told == {401: TRIES, 429: 60 - TRIES}


def of_sixty_log_ins_no_more_than_the_limit_succeed(town: Town, sign_in) -> None:
    right = {"username": with_password(town.nina), "password": PASSWORD}
    told, _ = at_once(60, partial(sign_in, right))
    assert told == {200: NAME_LIMIT, 429: 60 - NAME_LIMIT}


def of_twenty_uses_of_one_code_one_succeeds(town: Town, sign_in) -> None:
    name, secret = with_password(town.bob), with_totp(town.bob)
    code = shown_by_app(secret, database_now())
    told, _ = at_once(20, partial(sign_in, {"username": name, "password": PASSWORD, "code": code}))
    assert told == {200: 1, 401: 19}


def of_fifty_uses_of_one_refresh_token_one_succeeds(town: Town, sign_in, ask) -> None:
    _, pair = sign_in({"username": with_password(town.dora), "password": PASSWORD})
    mine = SignIn.objects.filter(user_id=town.dora.user_id)
    assert ask("me", None, token=pair["access"])[0] == 200
    told, answers = at_once(50, partial(ask, "auth/refresh", {"refresh": pair["refresh"]}))
    assert told == {200: 1, 401: 49}
    assert SpentToken.objects.filter(sign_in__in=mine).count() == 1
    assert mine.get().ended_because == "token_reused"
    (winner,) = (body for status, body in answers if status == 200)
    for token in (pair["access"], winner["access"]):
        assert ask("me", None, token=token)[0] == 401
    assert ask("auth/refresh", {"refresh": winner["refresh"]})[0] == 401
