"""The demo market behind real processes, as `make run` shows it, for pictures and measurements."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from config.embedded.ports import HOST, free_port
from config.embedded.servers import VAR, throwaway
from config.service import manage, with_programs_first
from tests.answering import answers
from tests.browser.finding import ensure
from tests.browser.windows import launched
from tests.harness.stage import command
from tests.launching import Launcher


@dataclass(frozen=True)
class DemoSite:
    """``logins`` as in `var/demo.json`: by role a username and a password."""

    url: str
    logins: dict[str, dict[str, str]]
    browser: Browser

    def open(self, role: str, size: tuple[int, int], **more: Any) -> Page:
        """A browser of its own, in which the demo's person of that role has signed in."""
        size_of = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(base_url=self.url, viewport=size_of, **more)
        page = context.new_page()
        page.goto("/sign-in")
        page.locator('input[name="login"]').fill(self.logins[role]["username"])
        page.locator('input[name="password"]').fill(self.logins[role]["password"])
        page.locator("main form button").first.click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page


@contextmanager
def demo_site() -> Iterator[DemoSite]:
    """Everything is of this run alone, and gone with it."""
    with ExitStack() as stack:
        servers = stack.enter_context(throwaway())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="screens-", dir=VAR)))
        port = free_port()
        url = f"http://{HOST}:{port}"
        env = with_programs_first(os.environ) | servers.environment() | {
            "BIND": HOST, "PORT": str(port), "PUBLIC_URL": url, "WEB_CONCURRENCY": "2",
            "DJANGO_SETTINGS_MODULE": "config.settings", "SECOND_FACTOR_REQUIRED": "false",
        }  # fmt: skip
        manage("migrate", "--no-input", "--verbosity=0", environment=env)
        manage("grant_application_role", environment=env)
        logins = json.loads(manage("demo_market", environment=env).splitlines()[-1])
        launcher = Launcher(folder)
        stack.callback(launcher.stop_all)
        launcher(command("worker"), env)
        launcher(command("api"), env, until=lambda _: answers(url))
        playwright = stack.enter_context(sync_playwright())
        browser = launched(playwright, ensure())
        stack.callback(browser.close)
        yield DemoSite(url, logins, browser)
