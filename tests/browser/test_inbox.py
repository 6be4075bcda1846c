"""A prescriber's morning: what waits, a screening cleared, an order signed, a task ended."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dispatch import tasking
from dispatch.domain.scores import Instrument
from dispatch.domain.tasks import TaskKind
from dispatch.models import Clearance, Order, Task
from dispatch.services.scores import record_score
from tests.api.town import Town
from tests.browser.site import DESK, Site
from tests.browser.usable import violations
from tests.builders import NOW

pytestmark = pytest.mark.journey


def test_a_prescriber_clears_signs_and_ends_a_task(site: Site) -> None:
    town = Town()
    for days, points in ((30, 2), (16, 2), (2, 1)):
        record_score(
            patient_id=None, instrument=Instrument.PHQ_9, items=[points] * 8 + [0], by=town.alice,
            now=NOW - timedelta(days=days),
        )  # fmt: skip
    assert town.for_review
    tasking.open_task(
        TaskKind.RED_FLAG, town.market.id, market_id=town.market.id,
        patient_id=town.alice.person_id, reason="Call the patient now.", now=NOW,
    )  # fmt: skip
    page = site.open(town.dora, "/inbox/", DESK)
    expect(page.locator(".counts a").first).to_contain_text("Danger")
    _clear(page)
    _sign(page, site)
    _end(page)
    assert Clearance.objects.count() == 1
    assert Order.objects.get().infusions == 6
    assert Task.objects.get(kind=TaskKind.RED_FLAG).outcome == "Called: she is safe."


def _clear(page: Page) -> None:
    """By keyboard alone."""
    page.get_by_role("link", name="Screening", exact=False).last.focus()
    page.keyboard.press("Enter")
    page.locator("#clear").wait_for()
    page.locator("#clear").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    assert page.locator("#clear").count() == 0


def _sign(page: Page, site: Site) -> None:
    """What was refused is said at its field; what was typed stays."""
    site.expect(422)
    page.locator(".head").get_by_role("link", name="Patient").click()
    page.locator("#infusions").fill("99")
    page.locator("#diagnoses").fill("F33.2")
    page.locator("#sign").press("Enter")
    expect(page.locator("#infusions")).to_be_focused()
    expect(page.locator("#fault-infusions")).to_be_visible()
    expect(page.locator("#refusal")).not_to_be_empty()
    assert page.locator("#diagnoses").input_value() == "F33.2"
    assert violations(page) == []
    page.locator("#infusions").fill("6")
    page.locator("#infusions").press("Enter")
    expect(page.locator("#done")).to_contain_text("signed")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _end(page: Page) -> None:
    page.goto("/inbox/")
    page.locator(".finish summary").focus()
    page.keyboard.press("Enter")
    page.locator(".finish textarea").fill("Called: she is safe.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("done")
    assert page.locator("#nothing").is_visible()
