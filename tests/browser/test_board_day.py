"""The dispatchers' day in real browsers: live for all, one exception at a time, by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dispatch.domain.people import Actor, Role
from dispatch.models.clock import database_now
from dispatch.services.cancellation import cancel_visit
from tests.big_day import BigDay, some_visit
from tests.browser.interactions import interactions
from tests.browser.site import TABLET, Site
from tests.browser.usable import violations
from tests.browser.windows import PATIENCE_MS
from tests.builders import World, at
from tests.faults.running import within

pytestmark = pytest.mark.journey

LIVE_MS = 2_000
LENIENT = 10
"""How much longer things may take while other tests have the machine."""
BUSY_MS = 2_000
"""The bar of this test, passed once, whoever else has the machine at times; that of the product is
in benchmarks/screens.py."""


def test_two_dispatchers_see_one_day(site: Site) -> None:
    world = World()
    BigDay(world, at(12, 40), nurses=12).fill()
    other = Actor(world.user("beth", Role.DISPATCHER).id, Role.DISPATCHER, world.market.id)
    page, tablet = site.open(world.bob, "/board/"), site.open(other, "/board/", TABLET)
    for one in (page, tablet):
        one.locator("#timeline .row").first.wait_for()
        assert one.locator("#timeline .visit").count() == 60
        assert violations(one) == []
    sees_the_strip(page)
    goes_by_keyboard(page)
    is_live_for_both(world, page, tablet)
    assert widest(tablet) <= TABLET[0]
    says_that_nobody_answers(site, page)


def sees_the_strip(page: Page) -> None:
    """A click leaves the visits of one exception; the arrow keys go through them."""
    button = page.locator('#strip [data-exception="late"]')
    count = int(button.locator("strong").inner_text())
    assert count >= 1
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert violations(page) == []
    seen = []
    for _ in range(count):
        page.keyboard.press("ArrowRight")
        assert "late" in focused(page, "exceptions").split()
        seen.append(focused(page, "visit"))
    assert len(set(seen)) == count
    page.keyboard.press("ArrowRight")
    assert focused(page, "visit") == seen[0], "in a circle"
    page.keyboard.press("ArrowLeft")
    assert focused(page, "visit") == seen[-1]
    page.keyboard.press("Escape")
    assert focused(page, "exception") == "late"
    assert button.get_attribute("aria-pressed") == "false"


def goes_by_keyboard(page: Page) -> None:
    """From visit to visit, to a nurse by her name, and to the list of keys."""
    page.evaluate("""document.addEventListener("visit:chosen", (event) => {
        document.body.dataset.heard = event.detail.visit;
    })""")
    first = page.locator("#timeline .row").first.locator(".visit")
    first.first.focus()
    page.keyboard.press("ArrowRight")
    assert focused(page, "visit") == first.nth(1).get_attribute("data-visit")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    below = page.locator("#timeline .row").nth(1).locator(".visit").last
    assert focused(page, "visit") == below.get_attribute("data-visit")
    page.keyboard.press("Enter")
    assert page.evaluate("document.body.dataset.heard") == below.get_attribute("data-visit")
    assert below.get_attribute("aria-current") == "true"
    name = page.locator("#timeline .row").nth(2).get_attribute("data-name") or ""
    page.keyboard.press("/")
    page.keyboard.type(name.lower())
    expect(page.locator("#timeline .row:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#timeline .row:visible")).to_have_count(12)
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")


def is_live_for_both(world: World, page: Page, tablet: Page) -> None:
    """What one does, the other sees; who works on something keeps the place."""
    gone = some_visit(world.market.id)
    stays = page.locator(f'#timeline .visit:not([data-visit="{gone.id}"])').last
    stays.focus()
    kept = focused(page, "visit")
    page.locator("#timeline").evaluate("(one) => { one.scrollTop = 90; }")
    page.locator('#strip [data-exception="at_risk"]').evaluate("(one) => one.click()")
    shown = [one.locator(f'.visit[data-visit="{gone.id}"]') for one in (page, tablet)]
    assert [one.count() for one in shown] == [1, 1]
    cancel_visit(gone.id, reason="", expected_version=None, by=world.bob, now=at(12, 45))
    began = database_now()
    for one in shown:
        one.wait_for(state="detached", timeout=LIVE_MS * LENIENT)
    assert (database_now() - began).total_seconds() * 1000 < LIVE_MS * LENIENT
    assert focused(page, "visit") == kept
    assert page.locator("#timeline").evaluate("(one) => one.scrollTop") == 90
    pressed = page.locator('#strip [data-exception="at_risk"]').get_attribute("aria-pressed")
    assert pressed == "true"


def says_that_nobody_answers(site: Site, page: Page) -> None:
    page.context.set_offline(True)
    page.locator("#live.lost").wait_for()
    page.context.set_offline(False)
    page.locator("#live:not(.lost)").wait_for()
    site.faults[:] = [one for one in site.faults if "ERR_INTERNET_DISCONNECTED" not in one]


def test_sixty_nurses_with_three_hundred_visits_stay_fluid(site: Site) -> None:
    world = World()
    BigDay(world, at(12, 40)).fill()
    page = site.open(world.bob, "/board/")
    page.locator("#timeline .row").nth(59).wait_for()
    within(PATIENCE_MS / 1000, lambda: max(interactions(page).values()) < BUSY_MS)


def focused(page: Page, name: str) -> Any:
    return page.evaluate(f"document.activeElement.dataset['{name}'] ?? ''")


def widest(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found
