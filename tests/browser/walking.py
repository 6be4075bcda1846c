"""Somebody who opens page after page in one browser, and what they find wrong with each."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.keyboard import dialogs_amiss, without_a_mouse
from tests.browser.usable import violations
from tests.builders import PASSWORD

OK, REDIRECTS, LEADING = 200, 302, {302, 303}
DIALOG, IN_DIALOG = "/board/planning/plan", "#planning-body"
THEIR_OWN = ("/companion/", "/m/", "/summaries/", "/rooms/")
"""Pages behind links, which speak the language of whom they were sent to."""
UNTIL = {"/route/visits/": '.step[data-state="now"]'}
"""What shows that the scripts of a page have drawn it."""
FACTS = """() => ({
  lang: document.documentElement.lang,
  title: document.title.trim(),
  headings: [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility()).length,
  wider: document.documentElement.scrollWidth - innerWidth,
})"""
SKELETON = """() => {
  const about = (one) => [
    one.tagName, one.getAttribute("class"), one.type, one.hidden, one.textContent === "",
    ...["role", "aria-label", "aria-invalid", "disabled"].map((name) => one.getAttribute(name)),
  ].join();
  const parts = [document.body, ...document.querySelectorAll("main *, dialog[open] *")];
  return document.head.querySelectorAll("link").length + parts.map(about).join(";");
}"""
UNFOLD = """() => {
  document.activeElement?.blur();
  for (const one of document.querySelectorAll("main details")) one.open = true;
}"""
PUT = """async ([path, place]) => {
  await htmx.ajax("GET", path, { target: place, swap: "innerHTML" });
}"""
UNSAFE = ("unsafe-inline", "unsafe-eval", "unsafe-hashes")


@dataclass
class Walk:
    """``page`` is in the browser of whoever walks; ``least`` is how large their targets are to be.

    Pages that differ in nothing but what is written in them are judged once.
    """

    page: Page
    least: int
    judged: set[str] = field(default_factory=set)
    found: dict[str, list[str]] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        """What was found, how often and where first."""
        return [f"{fault} (×{len(at)}, first at {at[0]})" for fault, at in self.found.items()]

    def look(self, path: str, status: int = OK) -> None:
        """Open a page, or whatever else stands at the address."""
        kind, text = self._answer(path, status, "es")
        if kind != "text/html":
            return
        if '<html lang="es">' not in text and not path.startswith(THEIR_OWN):
            self.note(path, "is not in Spanish where that is asked for")
        self.page.goto(path)
        for begins, shown in UNTIL.items():
            if path.startswith(begins):
                self.page.locator(shown).first.wait_for()
        self._facts(path)
        self._judge(path)

    def ask(self, path: str, status: int = OK) -> None:
        """Ask for what shows nothing by itself."""
        self._answer(path, status, "en")

    def comes_by_itself(self, path: str, host: str) -> None:
        """See that a page gets one of its parts without being told to."""
        self.ask(path)
        with self.page.expect_response(lambda one: one.url.partition("?")[0].endswith(path)):
            self.page.goto(host)

    def put(self, path: str, place: str, host: str) -> None:
        """Open a part of a page where it belongs; a dialog is left with Escape."""
        self._answer(path, OK, "en")
        if place == IN_DIALOG:
            self._get(DIALOG, "#dialogs", host)
        self._get(path, place, host)
        self._judge(path)
        if place != "#inspector":
            self.page.keyboard.press("Escape")
            self.page.locator("dialog[open]").wait_for(state="detached")

    def _get(self, path: str, place: str, host: str) -> None:
        if not self.page.url.endswith(host):
            self.page.goto(host)
        self.page.evaluate(PUT, [path, place])
        if place == "#dialogs":
            self.page.locator("dialog[open]").wait_for()

    def show_the_password_again(self) -> None:
        """As pages ask for that protect an account."""
        self.page.goto("/account/again?next=/account")
        self.page.locator('input[name="password"]').fill(PASSWORD)
        self.page.locator("main form button").first.click()
        self.page.wait_for_url("**/account")

    def begin_to_sign_in(self, username: str) -> None:
        """Give the password of somebody who has a second factor as well."""
        self.page.goto("/sign-in")
        self.page.locator('input[name="login"]').fill(username)
        self.page.locator('input[name="password"]').fill(PASSWORD)
        self.page.locator("main form button").first.click()
        self.page.wait_for_url("**/sign-in/code")

    def _answer(self, path: str, status: int, language: str) -> tuple[str, str]:
        """What the service says at all: its kind and text."""
        cookies = {one["name"]: one["value"] for one in self.page.context.cookies()}
        cookies["django_language"] = language
        sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Cookie": sent, "Accept-Language": language}
        answer = self.page.request.get(path, headers=headers, max_redirects=0)
        if answer.status != status and not (status == REDIRECTS and answer.status in LEADING):
            self.note(path, f"answers {answer.status}")
        policy = answer.headers.get("content-security-policy", "")
        if "default-src 'none'" not in policy or any(one in policy for one in UNSAFE):
            self.note(path, f"has the policy {policy!r}")
        return answer.headers.get("content-type", "").partition(";")[0], answer.text()

    def _facts(self, path: str) -> None:
        facts = self.page.evaluate(FACTS)
        right = {"lang": "en", "headings": 1}
        wrong = {name: facts[name] for name, value in right.items() if facts[name] != value}
        if not facts["title"]:
            wrong["title"] = ""
        if facts["wider"] > 0:
            wrong["wider"] = facts["wider"]
        if wrong:
            self.note(path, str(wrong))

    def _judge(self, path: str) -> None:
        skeleton = f"{self.least} {self.page.evaluate(SKELETON)}"
        if skeleton in self.judged:
            return
        self.judged.add(skeleton)
        self.page.evaluate(UNFOLD)
        for fault in (*violations(self.page), *without_a_mouse(self.page, self.least)):
            self.note(path, fault)
        for name in dialogs_amiss(self.page):
            self.note(path, f"{name} has no dialog that keys lead into and out of")

    def note(self, path: str, fault: str) -> None:
        self.found.setdefault(fault, []).append(path)
