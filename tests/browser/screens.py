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
    """``link`` is a selector of what is followed from ``path``, where that is an object's page."""

    name: str
    role: str
    path: str
    size: tuple[int, int]
    link: str | None = None


PICTURES = (
    Picture("board", "dispatcher", "/board/", WIDE),
    Picture("board-1280", "dispatcher", "/board/", DESK),
    Picture("board-768", "dispatcher", "/board/", TABLET),
    Picture("book", "patient", "/book/", PHONE),
    Picture("book-new", "patient", "/book/new/", PHONE),
    Picture("book-visit", "patient", "/book/", PHONE, "main a[href^='/book/visits/']"),
    Picture("route", "nurse", "/route/", PHONE),
    Picture("route-visit", "nurse", "/route/", PHONE, "main a[href^='/route/visits/']"),
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
            if one.link is not None:
                page.locator(one.link).first.click()
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
