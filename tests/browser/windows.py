"""The browser without a window, and the sizes of screen that pages are looked at in."""

from __future__ import annotations

import os

from playwright.sync_api import Browser, Playwright

DESK, TABLET, PHONE = (1280, 800), (768, 1024), (390, 844)
"""Width and height in CSS pixels."""
PATIENCE_MS = 45_000
"""How long an answer may take while other tests have the machine."""


def launched(playwright: Playwright, path: str) -> Browser:
    """Start the browser at ``path``."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=path, args=["--disable-dev-shm-usage", "--disable-gpu", *as_root]
    )
