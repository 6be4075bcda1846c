"""Who guesses is locked out for a while, from one address; nobody learns who has an account."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from ipaddress import ip_network

import pytest
from axes.models import AccessAttempt
from django.test import RequestFactory

from dispatch.models import AuditEntry, User
from dispatch.models.clock import database_now
from tests.api.signing_in import sign_in, with_password
from tests.api.town import Town, assert_problem
from tests.builders import PASSWORD
from tests.concurrency.racing import Meeting, race

FEW, AT_ONCE, NOBODY = 2, 20, "nobody"


@pytest.fixture
def name(town: Town, settings) -> str:
    settings.AXES_FAILURE_LIMIT = FEW
    return with_password(town.alice)


def lock_out(name: str, **headers: str) -> None:
    for _ in range(FEW):
        assert_problem(sign_in(name, "wrong", **headers), 401, "authentication_failed")


def test_after_so_many_wrong_passwords_not_even_the_right_one_is_checked(name) -> None:
    lock_out(name)
    refused = sign_in(name)
    assert_problem(refused, 429, "too_many_requests")
    assert 890 < int(refused.headers["Retry-After"]) <= 900


def test_a_name_that_nobody_has_is_locked_out_alike(name) -> None:
    answers = {}
    for one in (name, NOBODY):
        lock_out(one)
        answers[one] = sign_in(one)
    assert answers[name].content == answers[NOBODY].content
    assert answers[name].status_code == answers[NOBODY].status_code == 429


def test_a_lock_out_ends_by_itself_and_is_not_made_longer_by_tries(name) -> None:
    lock_out(name)
    sign_in(name)
    AccessAttempt.objects.update(attempt_time=database_now() - timedelta(minutes=15))
    assert sign_in(name).status_code == 200


def test_who_signs_in_begins_anew(name) -> None:
    for _ in range(2):
        assert sign_in(name, "wrong").status_code == 401
        assert sign_in(name).status_code == 200
    assert not AccessAttempt.objects.exists()


def test_a_name_in_other_letters_is_the_same_name(name) -> None:
    assert sign_in(name.upper()).status_code == 200
    lock_out(name.upper())
    assert sign_in(name).status_code == 429


def test_nobody_is_locked_out_by_tries_from_elsewhere(name, settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    lock_out(name, X_Forwarded_For="203.0.113.9")
    assert sign_in(name, X_Forwarded_For="203.0.113.9").status_code == 429
    assert sign_in(name, X_Forwarded_For="198.51.100.7").status_code == 200


def test_a_password_is_worked_out_for_names_that_nobody_has(name) -> None:
    """By the processor's time, which other people's work does not lengthen."""
    took = dict.fromkeys((name, NOBODY), float("inf"))
    for one in (name, NOBODY) * 2:
        began = time.process_time()
        assert sign_in(one, "wrong").status_code == 401
        took[one] = min(took[one], time.process_time() - began)
    assert 0.5 < took[name] / took[NOBODY] < 2


def test_what_is_kept_of_tries_names_nobody(name, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    lock_out(name)
    sign_in(name)
    sign_in(f"{NOBODY}-{PASSWORD}")
    kept = [str(row) for row in AccessAttempt.objects.values_list()]
    for text in (caplog.text, *kept):
        assert not any(word in text for word in (name, NOBODY, PASSWORD, "wrong"))


def test_the_trail_tells_who_signed_in_and_who_could_not(town: Town, name) -> None:
    sign_in(name)
    lock_out(name)
    sign_in(name)
    lines = AuditEntry.objects.order_by("id").values_list("verb", "role", "user_id", "subject_id")
    alice = town.alice.user_id
    signed_in, *strangers = lines.exclude(verb="agree")
    assert signed_in[:3] == ("sign_in", "patient", alice)
    failed = ("sign_in_failed", "stranger", None, alice)
    assert strangers == [failed, failed, ("sign_in_locked", "stranger", None, alice)]


@pytest.mark.usefixtures("fresh_database")
def test_of_many_tries_at_once_no_more_than_the_limit_are_checked(settings, monkeypatch) -> None:
    settings.AXES_FAILURE_LIMIT = FEW
    assert checked(monkeypatch) == FEW


@pytest.mark.usefixtures("fresh_database")
def test_axes_by_itself_checks_more(settings, monkeypatch) -> None:
    """The control: a try that is counted after it was checked."""
    settings.AXES_FAILURE_LIMIT = FEW
    settings.AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
    assert checked(monkeypatch) > FEW


def checked(monkeypatch) -> int:
    """How many of twenty wrong passwords, sent at once, are looked at before any is counted."""
    from django.contrib.auth import authenticate

    looked_at, meeting = list[str](), Meeting()
    name = with_password(Town().alice)

    def look(_user: User, password: str) -> bool:
        looked_at.append(password)
        meeting.wait()
        return False

    monkeypatch.setattr(User, "check_password", look)
    ask = lambda: authenticate(  # noqa: E731
        RequestFactory().post("/"), username=name, password="wrong"
    )
    assert race([ask] * AT_ONCE) == [None] * AT_ONCE
    return len(looked_at)
