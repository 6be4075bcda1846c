"""Nina's phone loses its connection, its session, its page; and Nora takes the same phone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from dispatch.models import FieldEvent, ScreenSession, Visit
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations
from tests.builders import PASSWORD, World, at
from tests.door import ready_visit
from tests.faults.running import set_clock, within
from tests.web.signing_in import let_pass, with_password

pytestmark = pytest.mark.journey

PATIENCE_MS = 20_000
STEPS = ("note", "start-infusion", "end-infusion", "discharge", "complete")
PAGES = "caches.open('route-pages').then((pages) => pages.keys()).then((all) => all.map((one) => one.url))"
STORED = """new Promise((resolve) => {
  indexedDB.open("route").onsuccess = ({ target: { result } }) => {
    const rows = result.transaction("events").objectStore("events").getAll();
    rows.onsuccess = () => { result.close(); resolve(rows.result.map((row) => row.id)); };
  };
})"""


def test_what_is_done_without_a_connection_is_told_once_and_in_order(site: Site) -> None:
    world, visit = _morning()
    page = _phone(site, world, visit)
    _do(page, "depart", "arrive")
    _says(page, "All sent")
    with _offline(site, page):
        _do(page, "note")
        _says(page, "1 waiting")
        page.reload()
        assert page.locator("#told li").all_inner_texts()[-1] == "note waiting"
        _do(page, *STEPS[1:])
        _says(page, f"{len(STEPS)} waiting")
        page.goto("/route/end")
        expect(page.locator("#unsent li")).to_have_count(len(STEPS))
        assert violations(page) == []
        page.goto("/route/visits/" + str(world.alice.person_id))
        expect(page.get_by_role("heading", name="Not on this phone")).to_be_visible()
        assert FieldEvent.objects.filter(visit=visit).count() == 2
    _says(page, "All sent")
    told = list(FieldEvent.objects.filter(visit=visit).order_by("device_time"))
    assert [one.type for one in told] == ["depart", "arrive", *STEPS]
    waited = [one.received_at - one.device_time for one in told[2:]]
    assert waited == sorted(waited, reverse=True), "each has the time at which it was done"
    visit.refresh_from_db()
    assert visit.status == "completed"
    assert visit.completed_at == told[-1].device_time
    page.goto("/route/end")
    expect(page.locator("#finished")).to_be_visible()
    assert violations(page) == []


def test_a_service_that_hangs_or_whose_answer_is_lost_changes_nothing(site: Site) -> None:
    world, visit = _morning()
    page = _phone(site, world, visit)
    with _hanging(site):
        page.reload()
        _do(page, "depart")
        _says(page, "Sending 1")
    _says(page, "All sent")
    arrived = list[str]()

    def lose(route: Route) -> None:
        arrived.append(str(route.request.post_data))
        route.fetch()
        route.abort()

    page.context.route("**/events", lose)
    _do(page, "arrive")
    within(20, lambda: page.evaluate("1") and arrived)
    within(20, lambda: FieldEvent.objects.filter(visit=visit).count() == 2)
    page.context.unroute_all(behavior="ignoreErrors")
    page.reload()
    _says(page, "All sent")
    assert FieldEvent.objects.filter(visit=visit).count() == 2
    _without_lost_connections(site)


def test_one_phone_and_two_nurses(site: Site) -> None:
    world, visit = _morning()
    nora = world.nurse("nora")
    with_password(nora.user_id)
    page = _phone(site, world, visit)
    site.expect(401, 403)
    let_pass(timedelta(hours=13))
    _do(page, "depart")
    _says(page, "Sign in to send 1")
    assert violations(page) == []
    page.get_by_role("link", name="Sign in").click()
    _sign_in(page, "nina")
    assert page.url.endswith(f"/route/visits/{visit.id}"), "back where she was"
    _says(page, "All sent")

    ScreenSession.objects.all().delete()
    _do(page, "arrive")
    _says(page, "Sign in to send 1")
    page.goto("/sign-in")
    _sign_in(page, "nora")
    page.goto("/route/")
    _says(page, "All sent")
    within(20, lambda: len(page.evaluate(PAGES)) == 5)
    assert len(page.evaluate(STORED)) == 2, "hers stay where they are, sealed"
    with _offline(site, page):
        page.goto(f"/route/visits/{visit.id}")
        expect(page.get_by_role("heading", name="Not on this phone")).to_be_visible()
    assert FieldEvent.objects.filter(visit=visit).count() == 1
    page.goto("/route/")
    page.locator("#sign-out button").click()
    page.wait_for_url("**/sign-in")
    _sign_in(page, "nina")
    _says(page, "All sent")
    assert FieldEvent.objects.filter(visit=visit).count() == 2


def test_who_signs_out_is_asked_about_what_has_not_been_sent(site: Site) -> None:
    world, visit = _morning()
    page = _phone(site, world, visit)
    leaving = page.locator("#leaving")
    with _offline(site, page):
        _do(page, "depart")
        _says(page, "1 waiting")
        page.locator("#sign-out button").click()
        expect(leaving).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Send first").click()
        expect(leaving).to_contain_text("could not be sent")
        page.keyboard.press("Escape")
        assert len(page.evaluate(STORED)) == 1
        page.locator("#sign-out button").click()
    page.get_by_role("button", name="Send first").click()
    page.wait_for_url("**/sign-in")
    assert FieldEvent.objects.filter(visit=visit).count() == 1
    assert page.evaluate(STORED) == page.evaluate(PAGES) == []


def _morning() -> tuple[World, Visit]:
    """Half an hour before Alice's visit: everything is ready."""
    world = World()
    visit = ready_visit(world)
    set_clock(world.market, at(9, 30))
    return world, visit


def _phone(site: Site, world: Any, visit: Visit) -> Page:
    """Nina's, on the page of the visit, with today's and tomorrow's pages kept."""
    page = site.open(world.nina, "/route/", PHONE)
    within(20, lambda: len(page.evaluate(PAGES)) == 6)
    page.goto(f"/route/visits/{visit.id}")
    _says(page, "All sent")
    assert violations(page) == []
    return page


def _do(page: Page, *steps: str) -> None:
    for step in steps:
        page.locator(f'button[data-type="{step}"]').click()
        expect(page.locator("#told")).to_contain_text(step)


def _says(page: Page, text: str) -> None:
    expect(page.locator("#sync")).to_contain_text(text, timeout=PATIENCE_MS)


def _sign_in(page: Page, name: str) -> None:
    from dispatch.models import User

    user = User.objects.get(username__startswith=name)
    page.locator('input[name="login"]').fill(user.username)
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@contextmanager
def _offline(site: Site, page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)
    _without_lost_connections(site)


@contextmanager
def _hanging(site: Site) -> Iterator[None]:
    """The service takes connections and answers nothing."""
    api = site.launch.started[0]
    os.killpg(api.pid, signal.SIGSTOP)
    yield
    os.killpg(api.pid, signal.SIGCONT)


def _without_lost_connections(site: Site) -> None:
    """The browser says each request that failed in its console: here they were meant to."""
    site.faults[:] = [fault for fault in site.faults if "net::ERR_" not in fault]
