"""Whether people can use a page: axe-core's judgement, in light and in dark."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RULES: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"type": "tag", "values": WCAG},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""In the dark only colours differ."""
RUN = """
async (rules) => {
  const { violations } = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  const places = ({ nodes }) => nodes.map((node) => node.target.join(" "));
  return Object.fromEntries(violations.map((one) => [one.id, places(one)]));
}
"""


def violations(page: Page) -> list[str]:
    """Return what axe-core finds in the page as it stands, in both themes: rule and places."""
    page.evaluate(Axe().axe_script)
    faults = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        found: dict[str, list[str]] = page.evaluate(RUN, rules)
        faults += [f"{theme}: {rule}: {places[:5]}" for rule, places in found.items()]
    return faults
