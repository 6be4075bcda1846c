"""Staff show a code beside the password; a code is good for one use, whoever is first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from dispatch.models import AuditEntry, SignIn, SpentCode
from dispatch.models.clock import database_now
from dispatch.services import second_factor
from dispatch.services.second_factor import spend_code
from tests.api.signing_in import (
    STEP_S,
    shown_by_app,
    sign_in,
    with_password,
    with_recovery_codes,
    with_totp,
)
from tests.api.town import Town, assert_problem
from tests.concurrency.racing import race

EPOCH = datetime(2027, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=STEP_S)
AT_ONCE = 20


def test_the_oracle_shows_what_the_rfc_lists() -> None:
    """RFC 6238, appendix B, the last six of its eight digits."""
    for second, shown in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(second, UTC)
        assert shown_by_app(b"12345678901234567890", at) == shown


def test_who_has_a_second_factor_is_asked_for_its_code(town: Town) -> None:
    name, secret = with_password(town.bob), with_totp(town.bob)
    assert_problem(sign_in(name), 401, "second_factor_needed")
    code = shown_by_app(secret, database_now())
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert_problem(sign_in(name, code=wrong), 401, "second_factor_needed")
    assert not SignIn.objects.exists()
    assert sign_in(name, code=code).status_code == 200
    assert_problem(sign_in(name, code=code), 401, "second_factor_needed")


def test_the_password_is_looked_at_first(town: Town) -> None:
    name, secret = with_password(town.bob), with_totp(town.bob)
    code = shown_by_app(secret, database_now())
    assert_problem(sign_in(name, "wrong", code), 401, "authentication_failed")
    assert not SpentCode.objects.exists()


def test_staff_without_one_are_turned_away_where_it_is_required(town: Town, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert_problem(sign_in(with_password(town.bob)), 403, "second_factor_missing")
    assert sign_in(with_password(town.alice)).status_code == 200


def test_wrong_codes_lock_out_and_a_missing_one_does_not(town: Town, settings) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    name, secret = with_password(town.bob), with_totp(town.bob)
    for _ in range(3):
        assert_problem(sign_in(name), 401, "second_factor_needed")
    for _ in range(2):
        assert_problem(sign_in(name, code="not it"), 401, "second_factor_needed")
    right = shown_by_app(secret, database_now())
    assert_problem(sign_in(name, code=right), 429, "too_many_requests")
    verbs = list(AuditEntry.objects.filter(role="stranger").values_list("verb", flat=True))
    assert verbs.count("second_factor_failed") == 2


def test_a_recovery_code_is_good_for_one_use_and_is_crossed_out(town: Town) -> None:
    with_totp(town.bob)
    name, codes = with_password(town.bob), with_recovery_codes(town.bob)
    assert sign_in(name, code=codes[3]).status_code == 200
    assert_problem(sign_in(name, code=codes[3]), 401, "second_factor_needed")
    assert sign_in(name, code=codes[4]).status_code == 200


def test_a_code_counts_one_step_early_or_late_and_no_more(town: Town) -> None:
    secret = with_totp(town.bob)

    @bounded(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(0, 10**6), st.integers(-4 * STEP_S, 4 * STEP_S))
    def holds(second: int, off: int) -> None:
        SpentCode.objects.all().delete()
        now = EPOCH + timedelta(seconds=second)
        shown = shown_by_app(secret, now + timedelta(seconds=off))
        steps = (now + timedelta(seconds=off) - EPOCH) // STEP - (now - EPOCH) // STEP
        near = {shown_by_app(secret, now + steps * STEP) for steps in (-1, 0, 1)}
        assert spend_code(town.bob.user_id, shown, now=now) == (abs(steps) <= 1 or shown in near)

    holds()


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_twenty_uses_of_one_code_one_counts(kind: str) -> None:
    assert won(kind) == 1


@pytest.mark.usefixtures("fresh_database")
def test_without_the_row_that_is_inserted_first_more_would_count(monkeypatch) -> None:
    """The control."""
    monkeypatch.setattr(second_factor, "_insert", lambda _spent: True)
    assert won("totp") > 1


def won(kind: str) -> int:
    """How many of twenty parallel uses of one code count."""
    bob, now = Town().bob, database_now()
    code = shown_by_app(with_totp(bob), now) if kind == "totp" else with_recovery_codes(bob)[0]
    return race([lambda: spend_code(bob.user_id, code, now=now)] * AT_ONCE).count(True)
