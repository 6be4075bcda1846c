"""What two people may edit has a tag; who changes what has changed meanwhile is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.api.town import Client, Town, assert_problem

Change = Callable[[Town, Client, dict[str, str]], Any]


def cover(payer: str) -> Change:
    def change(town: Town, client: Client, headers: dict[str, str]) -> Any:
        path = f"patients/{town.alice.person_id}/coverage"
        return client.ask("PUT", path, {"coverage": "maybe", "payer": payer}, **headers)

    return change


def reach(language: str) -> Change:
    def change(town: Town, client: Client, headers: dict[str, str]) -> Any:
        body = {"language": language, "channels": ["text"], "patient": str(town.alice.person_id)}
        return client.ask("PUT", "contact", body, **headers)

    return change


def post(path: str, body: Any = None) -> Change:
    """``{names}`` in the path are of the town's."""

    def change(town: Town, client: Client, headers: dict[str, str]) -> Any:
        return client.post_(path.format(town=town), body, **headers)

    return change


def switch_off(town: Town, client: Client, headers: dict[str, str]) -> Any:
    return client.ask("DELETE", f"webhooks/{town.webhook}", **headers)


def name_carl(town: Town, client: Client, headers: dict[str, str]) -> Any:
    path = f"visits/{town.visit}/companion"
    return client.ask("PUT", path, {"companion": str(town.carl.id)}, **headers)


def override(town: Town, client: Client, headers: dict[str, str]) -> Any:
    path = f"visits/{town.visit}/gates/kit/override"
    return client.post_(path, {"reason": "lent at the door"}, **headers)


def close_again(town: Town, client: Client, headers: dict[str, str]) -> Any:
    return client.ask("DELETE", f"visits/{town.visit}/gates/kit/override", **headers)


EDITED = {
    "coverage": ("bob", lambda town: f"patients/{town.alice.person_id}/coverage",
                 cover("Blue Heron"), cover("Red Kite")),
    "contact": ("bob", lambda town: f"contact?patient={town.alice.person_id}",
                reach("es"), reach("en")),
    "plan": ("bob", lambda town: f"plans/{town.plan}",
             post("plans/{town.plan}/accept"), post("plans/{town.plan}/accept")),
    "webhook": ("anna", lambda town: f"webhooks/{town.webhook}",
                post("webhooks/{town.webhook}/secret"), switch_off),
    "visit": ("bob", lambda town: f"visits/{town.visit}",
              name_carl, post("visits/{town.visit}/cancel", {})),
    "gate": ("bob", lambda town: f"visits/{town.assigned}", override, close_again),
}  # fmt: skip
BY_NAME = pytest.mark.parametrize("name", EDITED)


@BY_NAME
def test_who_has_seen_it_may_change_it_and_who_has_not_may_not(town: Town, name: str) -> None:
    role, path, first, second = EDITED[name]
    client = town.as_(getattr(town, role))
    seen = client.ask("GET", path(town)).headers["ETag"]
    assert first(town, client, {"If_Match": seen}).status_code < 300
    before = client.ask("GET", path(town)).content
    assert_problem(second(town, client, {"If_Match": seen}), 412, "stale")
    assert client.ask("GET", path(town)).content == before
    now = client.ask("GET", path(town)).headers["ETag"]
    assert now != seen
    if name != "plan":  # which is accepted once
        assert second(town, client, {"If_Match": now}).status_code < 300


@BY_NAME
def test_who_has_it_is_not_sent_it_again(town: Town, name: str) -> None:
    role, path, first, _ = EDITED[name]
    client = town.as_(getattr(town, role))
    seen = client.ask("GET", path(town)).headers["ETag"]
    for sent in (seen, f'"other", {seen}', f"W/{seen}"):
        again = client.ask("GET", path(town), If_None_Match=sent)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", seen)
    assert first(town, client, {}).status_code < 300
    assert client.ask("GET", path(town), If_None_Match=seen).status_code == 200


def test_a_gate_that_opens_by_itself_is_a_new_tag_and_no_stale_version(town: Town) -> None:
    """The version stays: what the reader saw is no longer so, and yet nobody has edited it."""
    client, path = town.as_(town.alice), f"visits/{town.visit}"
    seen = client.get_(path)
    said = client.post_(f"{path}/readiness", {"items": ["bed_or_recliner"]})
    assert said.status_code == 201
    now = client.get_(path)
    assert now.headers["ETag"] != seen.headers["ETag"]
    assert now.json()["version"] == seen.json()["version"]
    sent = {"If_Match": seen.headers["ETag"]}
    assert client.post_(f"{path}/cancel", {}, **sent).status_code == 200


@pytest.mark.usefixtures("fresh_database")
def test_of_ten_who_have_seen_the_same_one_changes_it() -> None:
    assert changed_at_once(with_tag=True) == [200] + [412] * 9


@pytest.mark.usefixtures("fresh_database")
def test_without_a_tag_the_last_overwrites_the_others() -> None:
    """The control."""
    assert changed_at_once(with_tag=False) == [200] * 10


def changed_at_once(*, with_tag: bool) -> list[int]:
    town = Town()
    path, start = f"patients/{town.alice.person_id}/coverage", Barrier(10, timeout=30)
    seen = town.as_(town.bob).get_(path).headers["ETag"]
    sent = {"If_Match": seen} if with_tag else {}

    def change(number: int) -> int:
        client = town.as_(town.bob)
        start.wait()
        try:
            body = {"coverage": "maybe", "payer": f"Payer {number}"}
            return client.ask("PUT", path, body, **sent).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        return sorted(pool.map(change, range(10)))
