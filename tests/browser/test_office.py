"""An administrator takes somebody on: her papers, her week, her way in, and how she stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.builders import PASSWORD, TODAY

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
    is_taken_on_with_her_papers(page)

    page.get_by_role("link", name="Add a shift").press("Enter")
    page.locator("#id_nurse").select_option(label="Olga New")
    for name, typed in (("day", FIRST_DAY), ("starts", "09:00"), ("ends", "17:00")):
        page.locator(f"#id_{name}").fill(typed)
    page.locator("#id_ends").press("Enter")
    page.locator("[data-shift]", has_text="Olga New").wait_for()

    sets_her_week(page)
    is_let_in_by_a_link(site, page)
    changes_the_market(page)

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for address in ("/office/protocols/", "/office/market/", "/office/accounts/", "/office/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], address
    assert "Ends soon" in page.locator("[data-nurse]", has_text="Olga New").inner_text()


def is_taken_on_with_her_papers(page: Page) -> None:
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
    add(page, "licence", "VA", LAST)
    page.locator("[data-credential]").wait_for()
    add(page, "certificate", "acls", LAST)
    page.locator("[data-credential]").nth(1).wait_for()


def sets_her_week(page: Page) -> None:
    page.goto("/office/")
    page.get_by_role("link", name="Olga New").press("Enter")
    page.get_by_role("link", name="Her week").press("Enter")
    for day in ("Tuesday", "Thursday"):
        page.get_by_role("checkbox", name=day).press("Space")
    page.locator("#week_starts").fill("09:00")
    page.locator("#week_ends").fill("15:00")
    page.locator("#week_ends").press("Enter")
    expect(page.locator("[data-rule]")).to_have_count(2)
    expect(page.locator("[data-shift]")).to_have_count(9)
    page.locator("#day_day").fill((TODAY + timedelta(days=1)).isoformat())
    page.locator("#day_ends").press("Enter")
    expect(page.locator("[data-day]", has_text="Off")).to_have_count(1)
    expect(page.locator("[data-shift]")).to_have_count(8)


def is_let_in_by_a_link(site: Site, page: Page) -> None:
    page.get_by_role("link", name="Accounts").press("Enter")
    page.get_by_role("link", name="Olga New").press("Enter")
    page.get_by_role("button", name="Make a link").press("Enter")
    link = page.locator("#link").inner_text()

    hers = site.open(None, "/invitation/" + link.rpartition("/")[2], PHONE)
    for name in ("password", "again"):
        hers.locator(f"#id_{name}").fill(PASSWORD)
    hers.locator("#id_again").press("Enter")
    expect(hers.get_by_role("status")).to_have_text("Your password is set. Sign in with it.")
    hers.locator('input[name="login"]').fill("olga.new")
    hers.locator('input[name="password"]').fill(PASSWORD)
    hers.locator('input[name="password"]').press("Enter")
    hers.wait_for_url("**/route/")

    page.goto("/office/accounts/")
    expect(page.locator("[data-account]", has_text="Olga New")).to_contain_text("Signed in: 1")


def changes_the_market(page: Page) -> None:
    page.goto("/office/market/")
    page.locator("#id_office_phone").fill("(202) 555-0147")
    page.locator("#id_office_phone").press("Enter")
    expect(page.locator("#id_office_phone")).to_have_value("+12025550147")
