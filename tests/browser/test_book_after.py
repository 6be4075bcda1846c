"""A patient after booking, on a phone: what is waited for, the nurse's coming, changes, the end."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import Action
from dispatch.models import CompanionRequest, Task, Visit
from dispatch.services.companions import answer_as_companion
from tests import door
from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations
from tests.builders import NOW, TOMORROW, at
from tests.faults.running import START_S, within
from tests.readying import pack, sign_papers

pytestmark = pytest.mark.journey
NARROW, PATIENCE_MS = (320, 700), 45_000
ROOM = ("A private, quiet room", "A bed or a recliner to rest in",
        "Somebody else looks after pets and children")  # fmt: skip


def fits(page: Page) -> bool:
    """Nothing stands out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def booked(town: Town, days: int) -> UUID:
    day = TOMORROW + timedelta(days=days)
    if days:
        town.world.shift(town.nina, day)
    return town.world.book(town.home, town.alice, at(10, day=day))


def test_a_patient_follows_one_visit_moves_one_and_calls_one_off(site: Site) -> None:
    town = Town()
    sign_papers(town.world, now=NOW - timedelta(days=10))
    first, second, third = (booked(town, days) for days in (0, 3, 6))
    site.start_worker()
    page = site.open(town.alice, "/book/", PHONE)
    within(START_S, lambda: not Visit.objects.filter(status="requested").exists())
    page.reload()
    expect(page.get_by_text("Confirmed").first).to_be_visible()
    page.get_by_role("link", name="Open this visit").click()
    _settle(page)
    held = Visit.objects.get(id=first).reservation
    pack(held, now=town.now())
    within(START_S, lambda: CompanionRequest.objects.filter(visit=first).exists())
    asked = CompanionRequest.objects.get(visit=first, replaced_at__isnull=True)
    answer_as_companion(asked.secret, CompanionAnswer.CONFIRMED, now=town.now())
    page.reload()
    expect(page.get_by_text("Everything is settled")).to_be_visible()
    _follow(page, town, first)
    _move(page, second)
    _call_off(page, third)
    _tell(page, town, first)


def _settle(page: Page) -> None:
    """What the patient can do beforehand: helper, questions, place and price."""
    expect(page.get_by_text("What we wait for")).to_be_visible()
    page.get_by_role("link", name="Name somebody", exact=True).click()
    page.get_by_label("Name").fill("Carl")
    page.get_by_label("Mobile phone").fill("202-555-0101")
    page.get_by_role("button", name="Ask this person").click()
    page.get_by_role("link", name="Answer the questions").click()
    for group in page.get_by_role("group").all():
        group.get_by_text("no", exact=False).last.click()
    page.get_by_role("button", name="Send the answers").click()
    for item in ROOM:
        page.get_by_label(item).check()
    page.get_by_role("button", name="Confirm the place").click()
    price = page.get_by_role("button", name="I have seen the price")
    price.click()
    expect(price).to_be_hidden()


def _follow(page: Page, town: Town, visit: UUID) -> None:
    """She need not do anything: the page tells by itself that the nurse comes, and when."""
    town.set_clock(at(9, 30))
    page.reload()
    expect(page.locator("#watch")).to_have_attribute("data-every", "8000")
    door.step(visit, Action.DEPART, town.nina, at(9, 40))
    expect(page.locator("#glance")).to_contain_text("on the way", timeout=PATIENCE_MS)
    expect(page.locator("#glance .when")).to_contain_text(re.compile("about"))
    assert violations(page) == []


def _move(page: Page, visit: UUID) -> None:
    page.goto(f"/book/visits/{visit}")
    page.get_by_role("link", name="Change the time").click()
    page.get_by_role("radio", name="2:00 PM", exact=True).first.check()
    page.get_by_role("button", name="Move the visit").click()
    expect(page.locator("#glance")).to_contain_text("2:00 PM")
    assert Visit.objects.get(id=visit).moves == 1


def _call_off(page: Page, visit: UUID) -> None:
    """With the keyboard alone, in Spanish, on the narrowest phone."""
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    page.goto(f"/book/visits/{visit}")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert fits(page)
    _reach(page, "Cancelar la visita")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="¿Cancelar la visita?")).to_be_visible()
    assert fits(page)
    _reach(page, "Cancelar")
    page.keyboard.press("Enter")
    expect(page.locator("#glance")).to_contain_text("Cancelada")
    assert Visit.objects.get(id=visit).status == "cancelled"
    page.get_by_role("button", name="English").click()


def _reach(page: Page, name: str) -> None:
    """Tab on until the control of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"no way to {name} by Tab")


def _tell(page: Page, town: Town, visit: UUID) -> None:
    hours = ((Action.ARRIVE, 10.0), (Action.START_INFUSION, 10.4), (Action.END_INFUSION, 11.0),
             (Action.DISCHARGE, 12.2), (Action.COMPLETE, 12.5))  # fmt: skip
    for action, hour in hours:
        door.step(visit, action, town.nina, at(0) + timedelta(hours=hour))
    town.set_clock(at(13))
    page.goto(f"/book/visits/{visit}")
    expect(page.locator("#glance")).to_contain_text("Completed")
    page.get_by_role("link", name="Tell us how you feel").click()
    page.get_by_text("I need help now").click()
    expect(page.get_by_role("link", name="Call 911")).to_be_visible()
    page.get_by_text("Please call me today").click()
    expect(page.get_by_role("link", name="Call 911")).to_be_hidden()
    page.get_by_label("What do you notice, and since when?").fill("My arm is sore")
    page.get_by_role("button", name="Send to a clinician").click()
    expect(page.get_by_role("heading", name="We have it")).to_be_visible()
    assert Task.objects.get(kind="symptom_reported").urgent
