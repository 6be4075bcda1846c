"""How long a sign-in at the screens lasts, what ends it at once, and what is kept of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from dispatch.domain.ids import digest
from dispatch.models import Market, ScreenSession, User
from dispatch.models.clock import database_now
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.web.signing_in import is_signed_in, let_pass, sign_in, with_password

pytestmark = pytest.mark.usefixtures("quick_passwords")

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def bob(town: Town, settings) -> User:
    settings.SECOND_FACTOR_REQUIRED = False
    return with_password(town.bob.user_id)


@pytest.fixture
def client(bob) -> Client:
    """Bob's."""
    browser = Client()
    sign_in(browser, bob)
    return browser


@pytest.mark.parametrize(
    ("who", "idle", "stays"),
    [
        ("bob", 15 * MINUTE - 5 * SECOND, True),
        ("bob", 15 * MINUTE, False),
        ("nina", 15 * MINUTE, False),
        ("dora", 15 * MINUTE, False),
        ("anna", 15 * MINUTE, False),
        ("alice", 60 * MINUTE - 5 * SECOND, True),
        ("alice", 60 * MINUTE, False),
    ],
)
def test_who_does_nothing_is_signed_out(bob, town, who, idle, stays) -> None:
    browser = Client()
    sign_in(browser, with_password(getattr(town, who).user_id))
    let_pass(idle)
    assert is_signed_in(browser) is stays


def test_whatever_is_done_counts_the_time_anew(client) -> None:
    for _ in range(4):
        let_pass(10 * MINUTE)
        assert is_signed_in(client)
    seen = ScreenSession.objects.get(user__isnull=False).seen_at
    assert database_now() - seen < MINUTE


def test_a_page_that_renews_itself_does_not(client) -> None:
    let_pass(10 * MINUTE)
    before = ScreenSession.objects.get(user__isnull=False).seen_at
    assert client.get("/board/", headers={"X-Background": "1"}).status_code == 200
    assert ScreenSession.objects.get(user__isnull=False).seen_at == before


def test_after_twelve_hours_it_is_over_whatever_is_done(client) -> None:
    let_pass(MINUTE, since_sign_in=12 * HOUR - 5 * SECOND)
    assert is_signed_in(client)
    let_pass(MINUTE, since_sign_in=12 * HOUR)
    assert not is_signed_in(client)


def test_a_demo_market_that_is_moved_forward_signs_nobody_out(client, town) -> None:
    Market.objects.filter(id=town.market.id).update(clock_offset=timedelta(days=400))
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": "nurse"}, {"password": "argon2$other"}]
)
def test_a_changed_account_is_out_at_once(client, bob, change) -> None:
    assert is_signed_in(client)
    User.objects.filter(id=bob.id).update(**change)
    assert not is_signed_in(client)


def test_signing_in_changes_the_key(bob) -> None:
    browser = Client()
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    browser.cookies["session"] = planted
    sign_in(browser, bob)
    assert browser.cookies["session"].value != planted
    assert not ScreenSession.objects.filter(key_digest=digest(planted)).exists()


def test_the_table_tells_neither_the_key_nor_the_name(client, bob) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT screen_session::text FROM screen_session")
        rows = str(cursor.fetchall())
    assert client.cookies["session"].value not in rows
    assert bob.username not in rows
    assert PASSWORD not in rows


def test_the_cookie_is_for_http_alone_and_for_our_own_pages(client, settings) -> None:
    cookie = client.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    assert not cookie["expires"]


def test_sessions_that_are_over_are_forgotten(client, bob) -> None:
    let_pass(13 * HOUR)
    sign_in(Client(), bob)
    assert ScreenSession.objects.filter(user=bob).count() == 1


@pytest.mark.parametrize("key", ["", "x", "\x00" * 9, "a" * 5000, "ünbekannt"])
def test_a_cookie_that_was_made_up_is_nobodys(db, key) -> None:
    browser = Client()
    browser.cookies["session"] = key
    assert browser.get("/account").headers["Location"].startswith("/sign-in")
