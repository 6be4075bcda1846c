"""Whether people can use a page: axe-core's judgement, in light and in dark."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """Return what axe-core finds in the page as it stands, in both themes: rule and places."""
    faults = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        options: dict[str, Any] = {"runOnly": {"type": "tag", "values": WCAG}}
        found = Axe().run(page, options=options).response["violations"]
        faults += [
            f"{theme}: {one['id']}: {[node['target'] for node in one['nodes']][:5]}"
            for one in found
        ]
    return faults
