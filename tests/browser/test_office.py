"""An administrator takes somebody on: her papers, her first day, and where she then stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations
from tests.builders import TODAY

pytestmark = pytest.mark.journey

LAST = (TODAY + timedelta(days=30)).isoformat()
FIRST_DAY = (TODAY + timedelta(days=2)).isoformat()


def add(page: Page, kind: str, code: str, last: str) -> None:
    page.locator(f"#{kind}_code").select_option(code)
    page.locator(f"#{kind}_first_day").fill(TODAY.isoformat())
    page.locator(f"#{kind}_last_day").fill(last)
    page.locator(f"#{kind}_last_day").press("Enter")


def test_a_nurse_is_taken_on_and_seen_with_how_she_stands(site: Site) -> None:
    page = site.open(Town().anna, "/office/")
    page.get_by_role("link", name="Add a nurse").press("Enter")
    for name, typed in (("name", "Olga New"), ("username", "olga.new"), ("zip_code", "22201")):
        page.locator(f"#id_{name}").fill(typed)
    page.locator("#id_phone").fill("(202) 555-0123")
    page.locator("#id_phone").press("Enter")
    page.get_by_role("heading", name="Olga New").wait_for()

    add(page, "licence", "VA", "2020-01-01")
    refused = page.locator("#licence_last_day[aria-invalid=true]")
    refused.wait_for()
    told = page.locator(f"#{refused.get_attribute('aria-describedby')}")
    assert told.inner_text() == "This ends before it begins."
    assert violations(page) == []
    add(page, "licence", "VA", LAST)
    page.locator("[data-credential]").wait_for()
    add(page, "certificate", "acls", LAST)
    page.locator("[data-credential]").nth(1).wait_for()

    page.get_by_role("link", name="Add a shift").press("Enter")
    page.locator("#id_nurse").select_option(label="Olga New")
    for name, typed in (("day", FIRST_DAY), ("starts", "09:00"), ("ends", "17:00")):
        page.locator(f"#id_{name}").fill(typed)
    page.locator("#id_ends").press("Enter")
    page.locator("[data-shift]", has_text="Olga New").wait_for()

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for address in ("/office/protocols/", "/office/market/", "/office/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], address
    assert "Ends soon" in page.locator("[data-nurse]", has_text="Olga New").inner_text()
