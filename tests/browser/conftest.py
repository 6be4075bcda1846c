"""A real browser, one for each file of tests, and a site that is looked over in the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # this file is read before Django is set up
    from playwright.sync_api import Browser

    from tests.browser.site import Site
    from tests.launching import Launcher


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Playwright drives it from a loop in this thread, where Django would refuse its database:
    nothing of what the tests do there is asynchronous."""
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.finding import ensure
    from tests.browser.windows import PATIENCE_MS, launched

    path = ensure()
    expect.set_options(timeout=PATIENCE_MS)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = launched(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def site(
    chromium: Browser,
    fresh_database: Any,
    services_env: dict[str, str],
    launch: Launcher,
) -> Iterator[Site]:
    """The service over a database of its own; its pages may say nothing in their consoles."""
    from tests.browser.site import Site

    site = Site(chromium, launch, services_env)
    yield site
    faults = site.ended()
    assert not faults, faults


@pytest.fixture(scope="module")
def service_of_file(
    chromium: Browser, services_of_file: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One start for all tests of a file."""
    from tests.browser.site import Site
    from tests.launching import Launcher

    launcher = Launcher(tmp_path_factory.mktemp("service"))
    yield Site(chromium, launcher, services_of_file)
    launcher.stop_all()


@pytest.fixture
def shared_site(service_of_file: Site) -> Iterator[Site]:
    """The service of the file; each test has its own browsers, and a market of its own."""
    yield service_of_file
    faults = service_of_file.ended()
    assert not faults, faults
