"""Each role is led to its own screen, which has a page that people can use."""

import pytest
from playwright.sync_api import Page

from tests.api.town import Town
from tests.browser.site import DESK, PHONE, Site

THUMB = 44
"""Pixels."""

pytestmark = pytest.mark.journey


def test_each_role_comes_to_its_own_screen(site: Site) -> None:
    town = Town()
    for person, address, size in (
        (town.alice, "/book/", PHONE),
        (town.nina, "/route/", PHONE),
        (town.bob, "/board/", DESK),
        (town.dora, "/inbox/", DESK),
        (town.anna, "/office/", DESK),
    ):
        page = site.open(person, size=size)
        assert page.url == f"{site.url}{address}"
        if size == PHONE:
            has_one_row_at_the_top(page)


def has_one_row_at_the_top(page: Page) -> None:
    """Of targets that a thumb finds, on the smallest phone as well."""
    for width in (PHONE[0], 320):
        page.set_viewport_size({"width": width, "height": PHONE[1]})
        boxes = [one.bounding_box() for one in page.locator(".top a, .top button").all()]
        assert len({box["y"] for box in boxes if box}) == 1, width
        assert all(box and min(box["width"], box["height"]) >= THUMB for box in boxes)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_language_and_the_theme_that_were_chosen_stay(site: Site) -> None:
    page = site.open(Town().bob, "/board/")
    page.get_by_role("button", name="Español").click()
    page.get_by_role("heading", name="El tablero del día").wait_for()
    page.locator("#theme").click()
    chosen = page.evaluate("document.documentElement.dataset.theme")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == chosen
    assert page.locator("html").get_attribute("lang") == "es"
