"""Whether all that can be done on a page can be done without a mouse, and with an unsure finger.

What acts is found by what it is – a control, a link, what a script listens at, what shows a hand –
and then reached by pressing Tab, as somebody would.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page

DESK_PX, PHONE_PX = 24, 44
"""How large a target has to be, for a mouse and for a thumb."""
ROUNDS = 3
FINDING = Path(__file__).with_suffix(".js").read_text()
LISTEN = """
(() => {
  const add = EventTarget.prototype.addEventListener;
  window.listening = new WeakSet();
  EventTarget.prototype.addEventListener = function (type, ...more) {
    const byHand = /^(click|dblclick|mousedown|pointerdown)$/.test(type);
    if (byHand && this instanceof Element) window.listening.add(this);
    return add.call(this, type, ...more);
  };
})();
"""
OPENERS = "main [aria-haspopup=dialog]:not(:disabled)"
CONTROLS = ":is(a, button, input, select, textarea, summary)"
IS_WITHIN = """() => {
  const one = document.activeElement;
  return one === document.body || one.closest("dialog:modal") !== null;
}"""


def listen(context: BrowserContext) -> None:
    """Have each page of the context note what its scripts listen at."""
    context.add_init_script(LISTEN)


def without_a_mouse(page: Page, least: int) -> list[str]:
    """Return what Tab does not reach or reaches unseen, and targets of fewer than ``least`` px."""
    found = page.evaluate(FINDING, least)
    left: list[str] = []
    for _ in range(ROUNDS):
        for _ in range(found["presses"]):
            page.keyboard.press("Tab")
        left = page.evaluate("unreached()")
        if not left:
            break
    return [
        *found["faults"],
        *(f"{one} is not reached by Tab" for one in left),
        *(f"{one} has the focus and does not show it" for one in page.evaluate("ringless()")),
    ]


def dialogs_amiss(page: Page) -> list[str]:
    """Return the buttons whose dialogs Tab leaves or Escape does not end, or that do not get the
    focus back then. Each is opened with Enter."""
    if page.locator("dialog:modal").count():
        return []
    openers = [one for one in page.locator(OPENERS).all() if one.is_visible()]
    return [one.inner_text() for one in openers if not _opens_and_ends(page, one)]


def _opens_and_ends(page: Page, opener: Locator) -> bool:
    opener.press("Enter")
    dialog = page.locator("dialog:modal")
    dialog.wait_for()
    stays = True
    for _ in range(dialog.locator(CONTROLS).count() + 2):
        page.keyboard.press("Tab")
        stays = stays and bool(page.evaluate(IS_WITHIN))
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    return stays and bool(opener.evaluate("(one) => one === document.activeElement"))
