"""The nurse's day on her phone, from setting out to her signature, told by her thumb."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page

from dispatch.domain.field_events import EventType
from dispatch.models import FieldEvent, Visit
from dispatch.selectors.records import record_seen_by
from dispatch.services.assignment import assign_visit
from dispatch.services.fieldwork import record_events
from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.browser.steps import charts, do, done, sure, thumb
from tests.browser.usable import violations
from tests.builders import NOW, at
from tests.door import sign_all, stock
from tests.faults.running import within
from tests.readying import make_ready
from tests.telling import VIAL, WELL, told
from workers import work

pytestmark = pytest.mark.journey

MINUTE = timedelta(minutes=1)
FOCUSED = "document.activeElement.closest('.step')?.id"


@pytest.fixture
def town(fresh_database: object) -> Town:
    """Alice's visit at ten, Nina's, every gate open and a vial in stock; it is half past nine."""
    town = Town()
    visit = town.visit
    assign_visit(visit, now=NOW)
    make_ready(town.world, visit)
    stock(VIAL, town.market.id)
    return town


def at_the(page: Page, town: Town, time: datetime) -> None:
    town.set_clock(time)
    page.reload()


def meanwhile(town: Town, times: list[datetime]) -> None:
    """Vitals that were charted in between, on the same phone."""
    vitals = [told("vitals", time, **WELL) for time in times]
    record_events(town.visit, vitals, by=town.nina, now=town.now())


def told_at(town: Town, name: str) -> datetime:
    """When the step was, once the phone's word has come through."""
    rows = Visit.objects.filter(id=town.visit, **{f"{name}__isnull": False})
    within(45, rows.exists)
    return rows.values_list(name, flat=True).get()


def sets_out_and_arrives(page: Page, town: Town) -> None:
    page.get_by_role("button", name="On my way").click()
    page.wait_for_url("**/route/visits/*")
    at_the(page, town, at(10))
    do(page, "arrive")
    within(45, lambda: page.evaluate(FOCUSED) == "step-identity")
    page.locator("#help").focus()
    page.keyboard.press("Enter")
    page.locator("#ways").get_by_role("button", name="Break off").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#ways").wait_for(state="hidden")


def charts_decides_and_begins(page: Page) -> None:
    do(page, "identity", "companion", "home")
    charts(page, "baseline", systolic_mmhg=170)
    page.get_by_text("above 160: do not begin").wait_for()
    assert violations(page) == []
    do(page, "baseline", "go_no_go", "checkout")
    page.get_by_text("up to 35 mg").wait_for()
    page.locator("#f-start-dose_ug").fill("40")
    thumb(page, "Begin infusion")
    page.get_by_text("The dose is above the order.").wait_for()
    do(page, "start")


def treats(page: Page, town: Town) -> None:
    begun = told_at(town, "infusion_started_at")
    town.set_clock(begun + 30 * MINUTE)
    meanwhile(town, [begun + minutes * MINUTE for minutes in (10, 20, 30)])
    at_the(page, town, begun + 40 * MINUTE)
    charts(page, "during")
    page.locator("#step-during .save").click()
    page.locator("#said", has_text="Written down").wait_for(state="attached")
    sure(page, "End infusion")
    done(page, "end")


def rests_and_signs(page: Page, town: Town) -> None:
    ended = told_at(town, "infusion_ended_at")
    town.set_clock(ended + 45 * MINUTE)
    meanwhile(town, [ended + minutes * MINUTE for minutes in (15, 30, 45)])
    at_the(page, town, ended + 60 * MINUTE)
    charts(page, "recovery")
    thumb(page, "Chart vitals")
    page.locator("#said", has_text="Written down").wait_for(state="attached")
    do(page, "give", "waste")
    assert violations(page) == []
    do(page, "discharge", "complete")
    page.locator("#over", has_text="It closes once the witness has signed").wait_for()
    within(45, FieldEvent.objects.filter(visit=town.visit, type="complete").exists)


def test_a_visit_from_setting_out_to_signing(site: Site, town: Town) -> None:
    town.set_clock(at(9, 40))
    page = site.open(town.nina, "/route/", PHONE)
    sets_out_and_arrives(page, town)
    charts_decides_and_begins(page)
    treats(page, town)
    rests_and_signs(page, town)
    sign_all(town.visit, town.now())
    work.deliver_events()
    page.get_by_text("Signed. Thank you.").wait_for()
    page.get_by_role("button", name="Español").click()
    page.get_by_text("Firmada. Gracias.").wait_for()
    record = record_seen_by(town.dora, town.visit)
    wasted = [one.data["ug"] for one in record.events if one.type is EventType.WASTE]
    assert wasted == [15_000]
    assert (record.status, record.flags, record.missed_vitals) == ("completed", (), ())
    assert record.dose_ug == 35_000
    steps = [one.type for one in record.events if one.type is not EventType.VITALS]
    assert steps == [
        "depart", "arrive", "identity", "companion", "home", "go_no_go", "checkout",
        "start-infusion", "end-infusion", "give", "waste", "discharge", "complete",
    ]  # fmt: skip
