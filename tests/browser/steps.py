"""A nurse's thumb on the steps of a visit: what she taps, picks and types, step by step."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.telling import VIAL, WELL

SHOWN = {"weight_g": 70}
"""What is typed in other units than the event has."""


def thumb(page: Page, label: str) -> None:
    """The large button below, which says what it does."""
    button = page.locator("#go", has_text=label)
    button.wait_for()
    button.click()


def sure(page: Page, label: str) -> None:
    """By keyboard: what asks for a second tap takes a second Enter."""
    for said in (label, f"Tap again: {label}"):
        page.locator("#go", has_text=said).press("Enter")


def done(page: Page, key: str) -> None:
    page.locator(f'#step-{key}[data-state="done"]').wait_for()


def charts(page: Page, key: str, **changes: int) -> None:
    numbers = {name: SHOWN.get(name, value) for name, value in WELL.items()} | changes
    for name, value in numbers.items():
        field = page.locator(f"#f-{key}-{name}")
        if field.count():
            field.fill(str(value))


def confirms(page: Page, key: str) -> None:
    page.locator(f"#step-{key}").get_by_label("Yes").check()
    thumb(page, "Write down")


def ticks_all(page: Page, key: str, label: str) -> None:
    for box in page.locator(f"#step-{key} input[type=checkbox]").all():
        box.check()
    thumb(page, label)


def charts_before(page: Page) -> None:
    charts(page, "baseline")
    thumb(page, "Chart vitals")


def decides(page: Page) -> None:
    page.locator("#step-go_no_go").get_by_label("Go", exact=True).check()
    thumb(page, "Decide")


def takes_the_vial(page: Page) -> None:
    page.locator("#f-checkout-vial").fill(VIAL)
    thumb(page, "Take this vial")


def begins(page: Page) -> None:
    page.locator("#f-start-dose_ug").fill("35")
    thumb(page, "Begin infusion")


def ends_early(page: Page) -> None:
    """Below are the vitals as long as the planned time runs: here it is the step's own button."""
    button = page.locator("#step-end .save")
    button.click()
    page.locator("#step-end .save", has_text="Tap again").click()


def notes(page: Page, text: str = "Slept well.") -> None:
    page.locator("#help").click()
    page.locator("#step-note .head").click()
    page.locator("#f-note-text").fill(text)
    page.locator("#step-note .save").click()
    page.locator("#ways").wait_for(state="hidden")


IN_ORDER: dict[str, Callable[[Page], None]] = {
    "depart": lambda page: thumb(page, "On my way"),
    "arrive": lambda page: thumb(page, "I am there"),
    "identity": lambda page: confirms(page, "identity"),
    "companion": lambda page: confirms(page, "companion"),
    "home": lambda page: ticks_all(page, "home", "Write down"),
    "baseline": charts_before,
    "go_no_go": decides,
    "checkout": takes_the_vial,
    "start": begins,
    "end": ends_early,
    "give": lambda page: thumb(page, "Write down"),
    "waste": lambda page: thumb(page, "Wasted"),
    "discharge": lambda page: ticks_all(page, "discharge", "Discharge"),
    "complete": lambda page: sure(page, "Sign the visit"),
}


def do(page: Page, *keys: str) -> None:
    """Go through these steps, each until the page has it."""
    for key in keys:
        IN_ORDER[key](page)
        done(page, key)


def sets_out_unchecked(page: Page) -> None:
    """The service cannot be asked about it, though there is a connection: she is told so."""
    thumb(page, "On my way")
    page.get_by_text("This could not be checked just now.").wait_for()
    page.get_by_role("button", name="It has happened already").click()
    done(page, "depart")
