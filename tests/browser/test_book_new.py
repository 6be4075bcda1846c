"""A patient books on a phone: a whole series by touch, by keyboard, in Spanish, and too late."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.models import Hold, Market, Visit
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.api.town import Town
from tests.browser.site import PHONE, Site
from tests.browser.usable import violations
from tests.builders import KETAMINE, TOMORROW
from tests.faults.running import within

pytestmark = pytest.mark.journey

TOUCH = {"has_touch": True, "is_mobile": True}
NARROW = (320, 640)
SERIES = 6
SLOW_MS = 60_000
PICTURES = os.environ.get("PICTURES")
"""A folder in which the pages are kept that a story passes, to be looked at."""


def test_a_series_is_booked_by_touch_from_the_first_question_to_done(site: Site) -> None:
    town = Town()
    for day in range(1, 22):
        town.world.shift(town.nina, TOMORROW + timedelta(days=day))
    page = site.open(town.alice, "/book/new/", PHONE, **TOUCH)
    page.get_by_role("radio", name="Hotel").tap()
    page.get_by_role("radio", name="Home With").tap()
    page.get_by_label("Street and number").fill("12 Elm Street")
    page.get_by_label("ZIP code").fill("20001")
    pin_the_door(page)
    fits(page, "where")
    page.get_by_role("button", name="Continue").tap()
    page.get_by_role("heading", name="What would you like to book?").wait_for()
    fits(page, "what")
    treatment = page.get_by_role("heading", name="Ketamine, induction of six", exact=True)
    page.locator("section", has=treatment).get_by_role("link", name="The whole series").tap()
    answer_all(page)
    page.get_by_role("heading", name="You can be treated").wait_for()
    hold_a_series(page)
    name_who_stays(page)
    sign_and_book(page)


def pin_the_door(page: Page) -> None:
    """The map opens where the ZIP code is, with the names of towns on it."""
    page.get_by_role("button", name="Mark the place on a map").tap()
    page.locator("#pin-map").get_by_text("Washington", exact=True).wait_for(state="attached")
    page.locator("#pin-map").tap(position={"x": 120, "y": 120})
    expect(page.locator("#lat")).to_have_value(re.compile(r"^38\.\d{6}$"))
    pin_it_by_keyboard(page)


def pin_it_by_keyboard(page: Page) -> None:
    """The arrow keys move the map under its cross."""
    before = pinned_at(page, "#pin-here")
    within(30, lambda: moves_up(page) and pinned_at(page, "#pin-map") > before)
    expect(page.locator("#pin-hint")).to_have_text("The place is marked.")


def moves_up(page: Page) -> bool:
    page.locator("#pin-map").press("ArrowUp")
    return True


def pinned_at(page: Page, pressed: str) -> float:
    """How far north the pin is once Enter was pressed there."""
    page.locator(pressed).press("Enter")
    return float(page.locator("#lat").input_value())


def hold_a_series(page: Page) -> None:
    page.get_by_role("link", name="Find the dates").tap()
    page.get_by_text("Morning").tap()
    page.get_by_role("button", name="Find the dates").tap()
    page.get_by_role("heading", name="Held for you").wait_for(timeout=SLOW_MS)
    expect(page.get_by_text("nina can do all 6")).to_be_visible()
    expect(page.locator("#left")).to_contain_text(":")
    fits(page, "held")
    page.get_by_role("link", name="Go on with these").tap()


def name_who_stays(page: Page) -> None:
    page.get_by_role("heading", name="Who stays with you?").wait_for()
    page.get_by_label("Name", exact=True).fill("Carl")
    page.get_by_label("Mobile phone").fill("202 555 0143")
    page.get_by_label("They agreed to be texted").check()
    page.get_by_role("button", name="Continue").tap()


def sign_and_book(page: Page) -> None:
    page.get_by_role("heading", name="Your consent").wait_for()
    fits(page, "consent")
    page.get_by_label("I have read this and agree").check()
    page.get_by_label("Type your full name").fill("Alice Example")
    page.get_by_role("button", name="Sign", exact=True).tap()
    page.get_by_text("$3,570.00").wait_for()
    fits(page, "price")
    page.get_by_role("button", name="Book all visits").dblclick()
    page.get_by_role("heading", name="Your visits are booked").wait_for()
    fits(page, "done")
    assert Visit.objects.count() == SERIES
    expect(page.locator(".dots li")).to_have_count(SERIES)
    page.go_back()
    page.get_by_role("heading", name="Your visits are booked").wait_for()
    page.get_by_role("link", name="See the whole series").tap()
    expect(page.locator(".dot")).to_have_count(SERIES)
    page.locator(".dot a").first.tap()
    page.get_by_role("heading", name="What we wait for").wait_for()


def answer_all(page: Page) -> None:
    """Every question, as a patient who may be treated; each is saved before the next is shown."""
    answers = list(CLEARED.items())
    seen = 0
    page.locator("#asked").wait_for()
    while page.locator("#asked").count():
        number = page.url.rpartition("/")[2]
        if number in {"2", "3"}:  # yes or no, and several to choose from
            fits(page, f"question-{number}")
        answer(page, number)
        page.wait_for_url(lambda url, old=number: not url.endswith(f"/questions/{old}"))
        seen += 1
    assert seen >= len(answers)


def answer(page: Page, number: str) -> None:
    said = TYPED.get(number)
    if said is None and page.get_by_role("button", name="No", exact=True).count():
        page.get_by_role("button", name="No", exact=True).tap()
        return
    if page.get_by_role("button", name="Normal").count():
        page.get_by_role("button", name="Normal").tap()
        return
    if page.locator('input[type="checkbox"]').count():
        page.get_by_label("Major depression" if number == "3" else "No", exact=True).check()
    elif number == "7":
        page.get_by_label("Name").fill("Dr. Green")
        page.get_by_label("Phone or e-mail").fill("202 555 0133")
    elif said is not None:
        page.locator('[name="answer"]').fill(said)
    skip = page.get_by_role("button", name="Nothing to say")
    if skip.count() and number != "7":
        skip.tap()
    else:
        page.get_by_role("button", name="Continue").tap()


TYPED = {"1": "1980-05-17", "4": "sertraline, 2023\nvenlafaxine, 2024", "5": "cognitive therapy",
         "26": ""}  # fmt: skip


def test_by_keyboard_refused_in_spanish_and_a_hold_that_lapses(site: Site) -> None:
    town = Town()
    treated = town.world.protocol_row().id
    way = f"/book/new/{town.home.id}/{treated}/visit/"
    page = site.open(town.alice, f"{way}questions", NARROW)
    page.locator('[name="answer"]').focus()
    page.keyboard.type("05171980")
    press_on(page, "Continue")
    page.get_by_role("heading", name="Are you thinking of ending your life").wait_for()
    press_on(page, "Yes")
    page.get_by_role("link", name="Call 988").wait_for()
    usable(page, "crisis")
    press_on(page, "Go on with the questions", "link")
    page.get_by_role("heading", name="What is the treatment for?").wait_for()
    with_answers(town, breastfeeding=True)
    page.goto(f"{way}times")
    page.get_by_role("heading", name="This treatment is not right for you at present").wait_for()
    usable(page, "refused")
    with_answers(town)
    spanish(page, way)
    lapsing(town, page, way)


def spanish(page: Page, way: str) -> None:
    page.goto(f"{way}questions/2")
    page.get_by_role("button", name="Español").click()
    page.get_by_role("heading", name="¿Está pensando ahora mismo").wait_for()
    assert page.locator("html").get_attribute("lang") == "es"
    page.goto(f"{way}times")
    page.get_by_role("heading", name="¿Cuándo debe ir la enfermera?").wait_for()
    expect(page.locator(".day .date").first).to_contain_text("junio")
    usable(page, "times-es")
    page.get_by_role("button", name="English").click()


def lapsing(town: Town, page: Page, way: str) -> None:
    """Almost ten minutes go by at once; the rest, in which the page is shown, by itself."""
    page.goto(f"{way}times")
    page.locator(".slots button").first.press("Enter")
    page.get_by_role("heading", name="Who stays with you?").wait_for()
    page.goto("/book/")
    page.get_by_role("link", name="Go on where you left off").click()
    page.get_by_role("heading", name="Who stays with you?").wait_for()
    left = Hold.objects.get().expires_at - town.now()
    market = Market.objects.get(id=town.market.id)
    market.clock_offset += left - timedelta(seconds=12)
    market.save(update_fields=["clock_offset"])
    page.reload()
    lapsed = page.get_by_role("alert").filter(has_text="The time has run out")
    lapsed.wait_for()
    expect(lapsed).to_be_focused()
    press_on(page, "Look for times again", "link")
    page.get_by_role("heading", name="When should the nurse come?").wait_for()
    page.go_back()
    page.reload()
    page.get_by_role("heading", name="These times are no longer held for you").wait_for()
    assert not Visit.objects.exists()


def with_answers(town: Town, **answers: bool) -> None:
    record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | answers,
        by=town.alice, now=town.now(),
    )  # fmt: skip


def press_on(page: Page, name: str, role: str = "button") -> None:
    """Go there with the tab key alone, and press it."""
    target = page.get_by_role(role, name=name, exact=True)
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    page.keyboard.press("Enter")


def usable(page: Page, name: str) -> None:
    """No fault that axe-core knows, in a state that test_every_page.py does not open."""
    fits(page, name)
    assert violations(page) == []


def fits(page: Page, name: str) -> None:
    """Nothing beyond the edge of the screen."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is wider than the screen"
