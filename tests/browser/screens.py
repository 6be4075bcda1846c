"""`make screens`: a picture of each main screen at its sizes, in light and dark, in var/screens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page
from rich.console import Console

from config.embedded.servers import VAR
from tests.browser.demo_site import demo_site
from tests.browser.usable import THEMES
from tests.browser.windows import DESK, PHONE, TABLET

FOLDER = VAR / "screens"
WIDE = (1680, 1000)


@dataclass(frozen=True)
class Picture:
    """``then`` are selectors of what is pressed one after the other, beginning at ``path``;
    ``until`` is one of what shows once all is there."""

    name: str
    role: str
    path: str
    size: tuple[int, int]
    then: tuple[str, ...] = ()
    until: str = "main"


NEXT_DAY = "#date a.button >> nth=1"
TOMORROW = "main nav a >> nth=1"
INSPECTED, DRAWN = "#inspector .candidates", "#map .leaflet-marker-icon"
VISIT = "#timeline .visit >> nth=1"
WORDS, SAID = ".day summary >> nth=0", ".said .body"

PICTURES = (
    Picture("board", "dispatcher", "/board/", WIDE, (NEXT_DAY, VISIT), INSPECTED),
    Picture("board-map", "dispatcher", "/board/", WIDE, (NEXT_DAY, "#tab-map"), DRAWN),
    Picture("board-1280", "dispatcher", "/board/", DESK, (NEXT_DAY, VISIT), INSPECTED),
    Picture("board-768", "dispatcher", "/board/", TABLET, (NEXT_DAY,)),
    Picture("messages", "dispatcher", "/messages/?state=delivered", DESK, (WORDS,), SAID),
    Picture("messages-kinds", "dispatcher", "/messages/kinds", WIDE),
    Picture("book", "patient", "/book/", PHONE),
    Picture("book-new", "patient", "/book/new/", PHONE),
    Picture("route", "nurse", "/route/", PHONE, (TOMORROW,)),
    Picture("route-visit", "nurse", "/route/", PHONE, (TOMORROW, ".stops a >> nth=0")),
    Picture("inbox", "prescriber", "/inbox/", DESK),
    Picture("office", "administrator", "/office/", DESK),
)


def main() -> None:
    console = Console(stderr=True, highlight=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    console.print("Starting the demo market …")
    with demo_site() as site:
        for one in PICTURES:
            page = site.open(one.role, one.size)
            page.goto(one.path)
            for selector in one.then:
                page.locator(selector).click()
                page.wait_for_load_state("networkidle")
            page.locator(one.until).first.wait_for()
            for theme in THEMES:
                console.print(f"{one.name}, {theme}")
                _take(page, theme, FOLDER / f"{one.name}-{theme}.png")
            page.context.close()


def _take(page: Page, theme: Literal["light", "dark"], target: Path) -> None:
    page.emulate_media(color_scheme=theme)
    page.wait_for_load_state("load")
    page.screenshot(path=target)


if __name__ == "__main__":
    main()
