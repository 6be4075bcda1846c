"""A dispatcher plans the day, repairs an absence, takes it back; and sees the routes on the map."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from dispatch.models import Assignment, Visit
from dispatch.services.assignment import assign_visit
from tests.api.town import Town
from tests.browser.site import Site
from tests.browser.usable import THEMES, violations
from tests.builders import ARLINGTON, BETHESDA, NOW, TOMORROW, WASHINGTON, at

pytestmark = pytest.mark.journey

DAY = TOMORROW.isoformat()


class Crossed(Town):
    """Each of two nurses has the visit that lies at the other's door."""

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.olga = world.nurse("olga", ARLINGTON)
        self.near_olga = self.booked_at("amy", 9, ARLINGTON)
        self.own = self.booked_at("cid", 14, BETHESDA)
        Visit.objects.update(asked_nurse=None)
        world.shift(self.olga)
        self.near_nina = self.booked_at("ben", 9, WASHINGTON)

    def booked_at(self, name: str, hour: int, point: tuple[float, float]) -> UUID:
        patient = self.world.patient(name)
        visit_id = self.world.book(self.world.home(patient, point), patient, at(hour))
        assign_visit(visit_id, now=NOW)
        return visit_id

    def nurse_of(self, visit_id: UUID) -> UUID:
        return Assignment.objects.get(visit=visit_id, until=None).nurse_id


def shot(page: Page, name: str) -> None:
    """Keep a picture where one is wanted: PICTURES names the folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", caret="initial")


def both_themes(page: Page, name: str) -> None:
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        shot(page, f"{name}-{theme}")
    assert violations(page) == [], name
    page.emulate_media(color_scheme="light")


def test_a_dispatcher_plans_a_day_repairs_an_absence_and_takes_it_back(site: Site) -> None:
    town = Crossed()
    site.start_worker()
    page = site.open(town.bob, f"/board/?date={DAY}")
    the_map_shows_numbered_stops(page, town)
    a_plan_is_applied_by_keyboard_alone(page, town)
    an_absence_is_repaired(page, town)
    the_repair_is_taken_back(page, town)


def the_map_shows_numbered_stops(page: Page, town: Crossed) -> None:
    page.locator("#tab-map").click()
    stop = page.locator(f'[data-stop="{town.own}"]')
    expect(stop).to_have_text("2")
    expect(stop).to_have_attribute("aria-label", "nina, stop 2, 2:00 PM, assigned")
    page.evaluate(
        "document.addEventListener('visit:chosen', (e) => { window.chosen = e.detail.visit })"
    )
    stop.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#inspector article")).to_contain_text("nina")
    page.locator("#tab-map").click()
    expect(page.locator("#map-choice")).to_have_text("nina, stop 2, 2:00 PM, assigned")
    assert page.evaluate("window.chosen") == str(town.own)
    page.locator(".routes-as-text summary").click()
    expect(page.locator("#routes-list button")).to_have_count(3)
    both_themes(page, "map")


def a_plan_is_applied_by_keyboard_alone(page: Page, town: Crossed) -> None:
    page.locator('[data-tool="plan"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#planning-title")).to_be_focused()
    shot(page, "plan-asked")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#plan-seconds")).to_be_focused()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator(".difference")).to_be_visible()
    expect(page.locator("#job h3")).to_be_focused()
    expect(page.locator(".difference")).to_contain_text("Minutes driven")
    shot(page, "plan-difference")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Apply")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#job")).to_contain_text("Applied")
    assert town.nurse_of(town.near_nina) == town.nina.person_id
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator('[data-tool="plan"]')).to_be_focused()


def an_absence_is_repaired(page: Page, town: Crossed) -> None:
    page.locator('[data-tool="absence"]').click()
    page.locator("#absence-nurse").select_option(str(town.nina.person_id))
    page.locator("#absence-reason").fill("ill")
    shot(page, "absence")
    page.get_by_role("button", name="Record, and look for repairs").press("Enter")
    first = page.locator(".difference").first
    expect(first).to_be_visible()
    expect(first).to_contain_text("from nina")
    both_themes(page, "repairs")
    first.get_by_role("button", name="Apply").press("Enter")
    expect(page.locator("#job")).to_contain_text("Applied")
    shot(page, "applied")
    assert town.nurse_of(town.own) == town.olga.person_id
    page.locator("#planning .main[data-close]").click()


def the_repair_is_taken_back(page: Page, town: Crossed) -> None:
    page.locator('[data-tool="undo"]').click()
    expect(page.locator("#planning-body")).to_contain_text("a repair")
    both_themes(page, "undo")
    page.get_by_role("button", name="Put everything back").press("Enter")
    expect(page.locator("#job")).to_contain_text("as it did before")
    assert town.nurse_of(town.own) == town.nina.person_id
    assert town.now() < at(8) - timedelta(hours=1)
