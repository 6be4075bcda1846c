"""Nina's phone loses its connection, its session, its page; and Nora takes the same phone."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from dispatch.models import FieldEvent, ScreenSession, User, Visit
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations
from tests.builders import PASSWORD, World, at
from tests.door import ready_visit
from tests.faults.running import set_clock, within
from tests.web.signing_in import let_pass, with_password

pytestmark = pytest.mark.journey

PATIENCE_MS = 20_000
STEPS = ("note", "start-infusion", "end-infusion", "discharge", "complete")
PAGES = """caches.open("route-pages").then((pages) => pages.keys())
  .then((all) => all.map((one) => one.url))"""
STORED = """new Promise((resolve) => {
  indexedDB.open("route").onsuccess = ({ target: { result } }) => {
    const rows = result.transaction("events").objectStore("events").getAll();
    rows.onsuccess = () => { result.close(); resolve(rows.result.map((row) => row.id)); };
  };
})"""
RAW = """new Promise((resolve) => {
  indexedDB.open("route").onsuccess = ({ target: { result } }) => {
    const rows = result.transaction("events").objectStore("events").getAll();
    rows.onsuccess = () => {
      result.close();
      const read = ({ sealed, ...row }) =>
        JSON.stringify(row) + new TextDecoder().decode(sealed.body);
      resolve(rows.result.map(read).join());
    };
  };
})"""
WITHOUT_DOSE = """(visit) => import("/static/web/route/queue.js")
  .then(({ add }) => add({ visit, type: "start-infusion" }))"""
WITHOUT_LOCKS = "navigator.locks.request = (name, work) => work();"
UNLOCK = """new Promise((resolve) => {
  indexedDB.open("route").onsuccess = ({ target: { result } }) => {
    const facts = result.transaction("facts", "readwrite").objectStore("facts");
    facts.get("whose").onsuccess = ({ target }) => {
      facts.put({ ...target.result, locked: false }, "whose").onsuccess = () => {
        result.close();
        resolve(target.result.locked);
      };
    };
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


def test_a_session_that_ends_meanwhile_costs_one_sign_in_and_no_event(site: Site) -> None:
    world, visit = _morning()
    page = _phone(site, world, visit)
    site.expect(401, 403)
    let_pass(timedelta(hours=13))
    _do(page, "depart", "arrive")
    _says(page, "Sign in to send 2")
    assert violations(page) == []
    page.get_by_role("link", name="Sign in").click()
    _sign_in(page, "nina")
    assert page.url.endswith(f"/route/visits/{visit.id}"), "back where she was"
    _says(page, "All sent")
    assert _told(visit) == ["depart", "arrive"]


def test_another_nurse_on_the_same_phone_neither_sees_nor_sends_anything(site: Site) -> None:
    world, visit = _morning()
    with_password(world.nurse("nora").user_id)
    page = _phone(site, world, visit)
    site.expect(401, 403)
    ScreenSession.objects.all().delete()
    _do(page, "arrive")
    _says(page, "Sign in to send 1")
    page.goto("/sign-in?next=/account")
    _sign_in(page, "nora")
    with _offline(site, page):
        assert not _opens(page, "/route/"), "nobody knows yet whose pages to show"
        _unlock(page)
        assert _opens(page, "/route/"), "the control: it is the lock that keeps them back"
        expect(page.locator("main")).to_contain_text("alice")
    page.goto("/route/")
    _says(page, "All sent")
    within(20, lambda: len(page.evaluate(PAGES)) == 5)
    assert len(page.evaluate(STORED)) == 1, "the other's event stays where it is, sealed"
    with _offline(site, page):
        page.goto(f"/route/visits/{visit.id}")
        expect(page.get_by_role("heading", name="Not on this phone")).to_be_visible()
    assert _told(visit) == []
    page.goto("/route/")
    page.locator("#sign-out button").click()
    page.wait_for_url("**/sign-in")
    _sign_in(page, "nina")
    _says(page, "All sent")
    assert _told(visit) == ["arrive"]


@pytest.mark.parametrize("locks", [True, False])
def test_two_tabs_send_each_event_once(site: Site, locks: bool) -> None:
    """The control has tabs that do not wait for each other."""
    world, visit = _morning()
    page = _phone(site, world, visit)
    sent = list[str]()
    page.context.on("request", lambda asked: sent.extend(_ids(asked.post_data)))
    if not locks:
        page.context.add_init_script(WITHOUT_LOCKS)
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"/route/visits/{visit.id}")
        _says(tab, "All sent")
    with _offline(site, page):
        _do(page, "depart", "arrive")
        _do(other, "note")
        _says(page, "3 waiting")
    for tab in (page, other):
        _says(tab, "All sent")
    assert _told(visit) == ["depart", "arrive", "note"]
    assert len(set(sent)) == len(_told(visit)) or locks
    assert (len(sent) == len(set(sent))) is locks


def test_what_is_not_accepted_is_kept_and_named_and_stops_nothing_else(site: Site) -> None:
    world, visit = _morning()
    page = _phone(site, world, visit)
    site.expect(400)
    with _offline(site, page):
        _do(page, "depart")
        page.evaluate(WITHOUT_DOSE, str(visit.id))
        _do(page, "note")
        assert "Slept well" not in page.evaluate(RAW), "what was written is sealed"
    _says(page, "1 not accepted")
    assert _told(visit) == ["depart", "note"]
    page.goto("/route/end")
    row = page.locator("#unsent li")
    expect(row).to_contain_text("dose_ug")
    expect(page.locator("#finished")).to_be_hidden()
    assert violations(page) == []
    row.get_by_role("button", name="Try again").press("Enter")
    _says(page, "1 not accepted")
    assert len(page.evaluate(STORED)) == 3


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


def _told(visit: Visit) -> list[str]:
    told = FieldEvent.objects.filter(visit=visit).order_by("device_time")
    return list(told.values_list("type", flat=True))


def _ids(body: str | None) -> list[str]:
    """Of the events in a request, if it tells any."""
    return [one["id"] for one in json.loads(body)] if body and body.startswith("[") else []


def _opens(page: Page, path: str) -> bool:
    try:
        page.goto(path)
    except Error:
        return False
    return True


def _unlock(page: Page) -> None:
    """As if nobody had locked the pages while somebody signed in."""
    page.goto("about:blank")
    aside = page.context.new_page()
    aside.route("**/aside", lambda route: route.fulfill(body="<title>aside</title>"))
    aside.goto("/aside")
    assert aside.evaluate(UNLOCK) is True
    aside.close()


def _sign_in(page: Page, name: str) -> None:
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
