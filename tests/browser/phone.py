"""A nurse's phone on the page of a visit: with a connection, without one, and what it keeps."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

from playwright.sync_api import Error, Page, Route, expect

from dispatch.domain.people import Actor
from dispatch.models import FieldEvent, User, Visit
from tests.browser.site import PHONE, Site
from tests.builders import PASSWORD, World, at
from tests.door import ready_visit
from tests.faults.running import set_clock, within

PATIENCE_MS = 45_000
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
WITHOUT_LOCKS = "if (navigator.locks) navigator.locks.request = (name, work) => work();"
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


def morning() -> tuple[World, Visit]:
    """Half an hour before Alice's visit: everything is ready."""
    world = World(f"Washington {token_hex(3)}")
    visit = ready_visit(world)
    set_clock(world.market, at(9, 30))
    return world, visit


def phone(site: Site, world: Any, visit: Visit) -> Page:
    """Nina's, on the page of the visit, with today's and tomorrow's pages kept."""
    page = site.open(world.nina, "/route/", PHONE)
    within(45, lambda: len(page.evaluate(PAGES)) == 6)
    page.goto(f"/route/visits/{visit.id}")
    says(page, "All sent")
    return page


def says(page: Page, text: str) -> None:
    expect(page.locator("#sync")).to_contain_text(text, timeout=PATIENCE_MS)


def told(visit: Visit) -> list[str]:
    """The kinds of events that the service has of the visit, in the order of their making."""
    events = FieldEvent.objects.filter(visit=visit).order_by("device_time")
    return list(events.values_list("type", flat=True))


def ids(body: str | None) -> list[str]:
    """Of the events in a request, if it tells any."""
    return [one["id"] for one in json.loads(body)] if body and body.startswith("[") else []


def opens(page: Page, path: str) -> bool:
    try:
        page.goto(path)
    except Error:
        return False
    return True


def unlock(page: Page) -> None:
    """As if nobody had locked the pages while somebody signed in."""
    aside = page.context.new_page()
    aside.route("**/aside", lambda route: route.fulfill(body="<title>aside</title>"))
    aside.goto("/aside")
    assert aside.evaluate(UNLOCK) is True
    aside.close()


def sign_in(page: Page, person: Actor) -> None:
    user = User.objects.get(id=person.user_id)
    page.locator('input[name="login"]').fill(user.username)
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@contextmanager
def offline(site: Site, page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    try:
        yield
    finally:
        page.context.set_offline(False)
    without_lost_connections(site)


@contextmanager
def hanging(site: Site) -> Iterator[None]:
    """The service takes connections and answers nothing."""
    api = site.launch.started[0]
    os.killpg(api.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(api.pid, signal.SIGCONT)


def together(page: Page) -> None:
    """Whoever sends events first waits on the way until somebody else sends some, too."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) == 2:
            held[0].continue_()
        if len(held) > 1:
            route.continue_()

    page.context.route("**/events", hold)


def without_lost_connections(site: Site) -> None:
    """The browser says each request that failed in its console: here they were meant to."""
    site.faults[:] = [fault for fault in site.faults if "net::ERR_" not in fault]
