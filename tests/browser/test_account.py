"""Signing in and looking after one's account, as people see it."""

import pytest

from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations

pytestmark = pytest.mark.journey


def test_who_signs_in_can_use_every_page_of_the_account(site: Site) -> None:
    page = site.open(Town().bob, "/account", PHONE)
    page.get_by_role("heading", name="Your account").wait_for()
    assert violations(page) == []
    for address in ("/account/password", "/account/second-factor/generator"):
        page.goto(address)
        assert violations(page) == [], page.url
        if "again" in page.url:
            page.locator('input[name="password"]').fill("test password")
    page.goto("/sign-out")
    assert violations(page) == []
    page.locator("main form button").click()
    page.wait_for_url("**/sign-in")
    assert violations(page) == []


def test_the_pages_behind_links_can_be_used_by_all(site: Site) -> None:
    site.expect(404)
    page = site.open(None, "/companion/unknown", PHONE)
    for address in ("/companion/unknown", "/m/unknown", "/summaries/unknown", "/nothing"):
        page.goto(address)
        assert violations(page) == [], address
