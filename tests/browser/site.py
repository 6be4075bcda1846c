"""The running service with its screens, and people before their browsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from dispatch.domain.people import Actor
from tests.browser.windows import DESK, PATIENCE_MS, PHONE, TABLET
from tests.builders import PASSWORD
from tests.faults.running import start_api, start_worker
from tests.launching import Launched, Launcher
from tests.web.signing_in import with_password

__all__ = ["DESK", "PHONE", "TABLET", "Site"]


@dataclass
class Site:
    """Real gunicorn and, once ``start_worker`` is called, real workers over a database of its own.

    Whatever a page says in its console or asks of another host stands in ``faults``, which the
    fixture looks at in the end. A refusal that a test provokes is `expect`-ed by its status.
    """

    browser: Browser
    launch: Launcher
    env: Mapping[str, str]
    faults: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    @cached_property
    def url(self) -> str:
        return start_api(self.launch, self.env)

    def start_worker(self) -> Launched:
        return start_worker(self.launch, self.env)

    def expect(self, *statuses: int) -> None:
        """Refusals that a test provokes: the browser says each of them in its console."""
        self.expected |= set(statuses)

    def context(self, size: tuple[int, int] = DESK, **more: Any) -> BrowserContext:
        """A browser of its own, without cookies; ``more`` as Playwright's `new_context`."""
        size_of = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(base_url=self.url, viewport=size_of, **more)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", lambda request: self._see(request.url))
        self.contexts.append(context)
        return context

    def open(
        self, person: Actor | None, path: str = "/", size: tuple[int, int] = DESK, **more: Any
    ) -> Page:
        """A page in a browser of its own, where ``person`` has signed in as people do."""
        page = self.context(size, **more).new_page()
        if person is not None:
            user = with_password(person.user_id)
            page.goto("/sign-in")
            page.locator('input[name="login"]').fill(user.username)
            page.locator('input[name="password"]').fill(PASSWORD)
            page.locator("main form button").first.click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(path)
        return page

    def ended(self) -> list[str]:
        """Close all browsers; return what was at fault, and expect nothing any more."""
        for context in self.contexts:
            context.close()
        found = list(self.faults)
        for of_this_test in (self.contexts, self.faults, self.expected):
            of_this_test.clear()
        return found

    def _hear(self, said: ConsoleMessage) -> None:
        refused = any(f" {status} " in said.text for status in self.expected)
        if said.type in {"error", "warning"} and not refused:
            self.faults.append(f"{said.type}: {said.text}")

    def _see(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in {"http", "https"} and address.netloc != urlsplit(self.url).netloc:
            self.faults.append(f"asked another host: {address.hostname}")
