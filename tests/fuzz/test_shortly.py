"""A few cases of every operation, by turns as patient, nurse and dispatcher; `make fuzz` asks more.

The service answers within the test's own process and transaction, at all of Schemathesis' checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup

from tests.builders import PASSWORD
from tests.canaries import WATCH
from tests.fuzz.run import SETTINGS

ROLES = ("patient", "nurse", "dispatcher")
ADDRESS = "/api/v1/"
CASES = 1
SEED = 20270301
MADE_UP = "address of a request"
"""Hypothesis takes words from our own sources, marked ones too, and asks for them by address."""
App = Callable[[dict[str, Any], Any], Iterable[bytes]]


@pytest.fixture
def tokens(db: None) -> dict[str, str]:
    """Access tokens by role."""
    from django.test import Client

    from tests.fuzz.town import found_town

    names, client = found_town(), Client()

    def token(role: str) -> str:
        body = {"username": names[role], "password": PASSWORD}
        answer = client.post(f"{ADDRESS}auth/token", body, content_type="application/json")
        return str(answer.json()["access"])

    return {role: token(role) for role in ROLES}


@pytest.fixture
def app(tokens: dict[str, str]) -> Iterator[App]:
    """The service as gunicorn calls it, but on the connection of the test.

    It comes after Django's own client, which connects the signals again.
    """
    from config.wsgi import application

    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield application
    for signal in signals:
        signal.connect(close_old_connections)
    WATCH.found = [one for one in WATCH.found if one != MADE_UP]


def faults(app: App, tokens: dict[str, str], only: str = "") -> list[str]:
    """Return what Schemathesis has against the operations whose path has ``only`` in it."""
    config = SchemathesisConfig.from_path(SETTINGS)
    schema = schemathesis.openapi.from_wsgi(f"{ADDRESS}schema", app, config=config)
    found = []
    for role, result in zip(cycle(ROLES), schema.get_all_operations(), strict=False):
        operation = result.ok()
        if only in operation.path:
            found += _faults_of(operation, tokens[role])
    return found


def _faults_of(operation: Any, token: str) -> list[str]:
    found = []
    for mode in GenerationMode:

        @seed(SEED)
        @settings(
            max_examples=CASES, phases=[Phase.generate], deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            try:
                case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
            except FailureGroup as fault:
                found.extend(f"{operation.label}: {one!r}" for one in fault.exceptions)

        with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
            ask()
    return found


def test_nothing_is_answered_that_the_document_does_not_tell(app, tokens) -> None:
    assert faults(app, tokens) == []


@pytest.mark.parametrize("status", ["500 Internal Server Error", "418 I'm a teapot"])
def test_an_answer_that_is_not_told_of_is_found(app, tokens, status: str) -> None:
    def spoilt(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != f"{ADDRESS}protocols":
            return app(environ, start_response)
        start_response(status, [("Content-Type", "application/problem+json")])
        return [b"{}"]

    assert faults(spoilt, tokens, only="/protocols")
