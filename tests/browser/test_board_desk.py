"""A dispatcher at the board: drags, is refused, gives reasons, undoes; and two at one visit."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dispatch.domain.people import Actor, Role
from dispatch.models import Visit
from tests.api.town import Town
from tests.browser.site import Site
from tests.browser.usable import violations
from tests.builders import TOMORROW
from workers import work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from playwright.sync_api import APIResponse, Locator, Page, Route

pytestmark = pytest.mark.journey
BOARD = f"/board/?date={TOMORROW}"


class Desk:
    """Nina has Alice's visit; Ana could have it, Vera has no licence for the District."""

    def __init__(self) -> None:
        self.town = Town()
        world = self.town.world
        self.bob = self.town.bob
        beth = world.user("beth", Role.DISPATCHER)
        self.beth = Actor(beth.id, Role.DISPATCHER, self.town.market.id)
        self.visit = self.town.assigned
        self.ana, self.vera = world.nurse("ana"), world.nurse("vera", states=("VA",))
        for nurse in (self.ana, self.vera):
            world.shift(nurse)

    def nurse_of(self, visit: UUID) -> str:
        row = Visit.objects.select_related("reservation__nurse").get(id=visit)
        return row.reservation.nurse.name

    def asks_for(self, nurse: Actor) -> None:
        Visit.objects.filter(id=self.visit).update(asked_nurse_id=nurse.person_id)


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk()


def visit_on(page: Page, desk: Desk) -> Locator:
    return page.locator(f'.visit[data-visit="{desk.visit}"]')


def row_of(page: Page, nurse: Actor) -> Locator:
    return page.locator(f'.row[data-nurse="{nurse.person_id}"]')


def hover(page: Page, visit: Locator, row: Locator) -> None:
    """Take the visit with the mouse and hold it over the row until it says what it thinks."""
    box = visit.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    there = row.bounding_box()
    assert there is not None
    page.mouse.move(there["x"] + there["width"] / 2, there["y"] + there["height"] / 2, steps=8)
    row.locator(".verdict").wait_for()


@contextmanager
def answered_late(page: Page, address: str) -> Iterator[None]:
    """What is posted there is done at once and answered afterwards: the board is live meanwhile."""
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(address, hold)
    yield
    ((route, answer),) = held
    route.fulfill(response=answer)
    page.unroute(address)


def seen(page: Page, name: str) -> None:
    """Leave a picture where somebody wants to look."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", caret="initial")


def test_a_dispatcher_drags_is_refused_gives_a_reason_and_undoes(site: Site, desk: Desk) -> None:
    page = site.open(desk.bob, BOARD)
    is_refused_with_the_rule(page, desk)
    gives_it_to_ana_and_undoes(page, desk)
    gives_it_with_the_patients_word(page, desk)
    reads_what_goes_out(page, desk)


def is_refused_with_the_rule(page: Page, desk: Desk) -> None:
    hover(page, visit_on(page, desk), row_of(page, desk.vera))
    nurses = (desk.town.nina, desk.ana, desk.vera)
    standing = [row_of(page, one).get_attribute("data-standing") for one in nurses]
    assert standing == ["has_it", "can", "cannot"]
    assert "No licence in DC" in row_of(page, desk.vera).locator(".verdict").inner_text()
    seen(page, "dragging")
    assert violations(page) == []
    page.mouse.up()
    page.locator("#refusal", has_text="No licence in DC").wait_for()
    expect(page.locator(".verdict")).to_have_count(0)
    assert desk.nurse_of(desk.visit) == "nina"


def gives_it_to_ana_and_undoes(page: Page, desk: Desk) -> None:
    hover(page, visit_on(page, desk), row_of(page, desk.ana))
    page.mouse.up()
    page.locator("#inspector .done", has_text="ana has the visit now").wait_for()
    row_of(page, desk.ana).locator(".visit").wait_for()
    assert desk.nurse_of(desk.visit) == "ana"
    with answered_late(page, "**/board/undo"):
        page.locator("#undo form button").press("Enter")
        row_of(page, desk.town.nina).locator(".visit").wait_for()
    page.locator("#inspector .done", has_text="as it was before").wait_for()
    page.locator("#undo button[disabled]").wait_for()
    assert desk.nurse_of(desk.visit) == "nina"


def gives_it_with_the_patients_word(page: Page, desk: Desk) -> None:
    desk.asks_for(desk.town.nina)
    hover(page, visit_on(page, desk), row_of(page, desk.ana))
    assert row_of(page, desk.ana).get_attribute("data-standing") == "if_agreed"
    page.mouse.up()
    dialog = page.locator("#agreement")
    dialog.wait_for()
    seen(page, "agreement")
    assert violations(page) == []
    dialog.locator("textarea").fill("Alice said on the phone that Ana is welcome.")
    dialog.locator("button.main").press("Enter")
    row_of(page, desk.ana).locator(".visit").wait_for()
    expect(page.locator("#dialogs dialog")).to_have_count(0)
    page.locator("#inspector summary", has_text="History").click()
    page.locator("#inspector q", has_text="Ana is welcome").wait_for()
    seen(page, "inspector")
    assert violations(page) == []


def reads_what_goes_out(page: Page, desk: Desk) -> None:
    """By keyboard: a day of messages, the words of one, its visit; and every rule's texts."""
    work.deliver_events()
    page.get_by_role("link", name="Messages").press("Enter")
    first = page.locator("[data-message]", has_text="Confirmation")
    first.locator("summary").press("Enter")
    first.locator(".body", has_text="Your visit is booked").wait_for()
    seen(page, "messages")
    assert violations(page) == []
    first.get_by_role("link", name="On the board").press("Enter")
    page.locator(f'#inspector [data-visit="{desk.visit}"]').wait_for()
    page.goto("/messages/kinds")
    page.locator("[data-rule=confirmation] .said.text").first.wait_for()
    seen(page, "message-kinds")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    for address in ("/messages/", "/messages/kinds"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    seen(page, "message-kinds-320")


def test_two_dispatchers_edit_one_visit_and_nothing_is_lost(site: Site, desk: Desk) -> None:
    """Bob writes why he cancels a visit while Beth gives it to Ana; both without a mouse."""
    site.expect(409)
    bobs, beths = site.open(desk.bob, BOARD), site.open(desk.beth, BOARD)
    for page in (bobs, beths):
        visit_on(page, desk).focus()
        page.keyboard.press("m")
        page.locator("#candidates button").wait_for()
        page.locator("#candidates form button:focus").wait_for()
    bobs.locator("#inspector summary", has_text="Cancel the visit").focus()
    bobs.keyboard.press("Enter")
    bobs.locator("#why-cancel").fill("The patient is ill.")

    beths.keyboard.press("Enter")
    row_of(beths, desk.ana).locator(".visit").wait_for()
    beths.locator("#inspected:focus").wait_for()

    bobs.locator("#why-cancel").press("Tab")
    bobs.keyboard.press("Tab")
    bobs.keyboard.press("Enter")
    dialog = bobs.locator("#conflict")
    dialog.wait_for()
    said = dialog.inner_text()
    assert all(one in said for one in ("The patient is ill.", "Assigned · ana", "beth"))
    seen(bobs, "conflict")
    assert violations(bobs) == []
    assert Visit.objects.get(id=desk.visit).status == "assigned"
    bobs.keyboard.press("Tab")
    bobs.keyboard.press("Enter")
    bobs.locator("#inspector .done", has_text="cancelled").wait_for()
    row = Visit.objects.get(id=desk.visit)
    assert (row.status, row.ended_because) == ("cancelled", "The patient is ill.")
