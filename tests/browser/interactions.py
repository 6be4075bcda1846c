"""How long the board takes from an act to the next picture, measured in the browser."""

from __future__ import annotations

from playwright.sync_api import Page

PAINTED = """
    (act) => new Promise((done) => {
        const began = performance.now();
        act();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
    })
"""
ACTS = {
    "exception": "() => document.querySelector('[data-exception=late]').click()",
    "visit": "() => document.querySelectorAll('#timeline .visit')[150].click()",
    "arrow": """() => {
        const visit = document.querySelectorAll('#timeline .visit')[20];
        visit.focus();
        visit.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', bubbles: true}));
    }""",
    "search": """() => {
        const find = document.getElementById('find');
        find.value = find.value ? '' : 'a';
        find.dispatchEvent(new Event('input'));
    }""",
}


def interactions(page: Page) -> dict[str, float]:
    """Return the milliseconds that each act took."""
    return {name: page.evaluate(f"({PAINTED})({act})") for name, act in ACTS.items()}
