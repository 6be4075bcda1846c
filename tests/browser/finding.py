"""Finds a browser for the tests, or gets one: `python -m tests.browser.finding`.

One that the machine has is taken; else Debian's Chromium through apt where this runs as root and
Playwright's own download elsewhere. Where neither can be had it fails, and says what to do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 600
ADVICE = (
    "No browser could be found or had. Install Chromium so that `chromium` is on the PATH, e.g. by"
    " `apt-get install chromium`, or let `python -m playwright install chromium` reach its server."
)


class NoBrowser(Exception):
    """There is none, and none could be had."""


def found() -> str | None:
    """Return the path of a browser that can be driven, if there is one already."""
    of_machine = next(filter(None, map(shutil.which, NAMES)), None)
    return of_machine or _downloaded()


def ensure() -> str:
    """Return the path of a browser, which is installed now where there was none.

    Raises NoBrowser where that fails, with what to do about it.
    """
    if (path := found()) is None:
        _install()
        path = found()
    if path is None:
        raise NoBrowser(ADVICE)
    return path


def _downloaded() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    sys.stdout.write("Fetching a browser for the tests …\n")
    sys.stdout.flush()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        without_questions = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ):
            _run(command, without_questions)
    else:
        _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _run(command: list[str], env: dict[str, str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603
            command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NoBrowser(f"{ADVICE}\n{fault}") from fault
    if done.returncode:
        raise NoBrowser(f"{ADVICE}\n{' '.join(command)}: {done.stderr[-1000:]}")


if __name__ == "__main__":
    try:
        ensure()
    except NoBrowser as fault:
        sys.exit(str(fault))
