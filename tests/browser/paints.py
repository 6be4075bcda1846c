"""How soon a screen shows something, and how much script it brings, with nothing in the cache."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext

PAINT = """
    () => new Promise((done) => {
        const sum = (size) => performance.getEntriesByType('resource')
            .filter((one) => new URL(one.name).pathname.endsWith('.js'))
            .reduce((sum, one) => sum + one[size], 0);
        const tell = (paint) => done({
            paint_ms: Math.round(paint.startTime),
            script_bytes: sum('encodedBodySize'),
            script_unpacked_bytes: sum('decodedBodySize'),
        });
        const first = 'first-contentful-paint';
        const painted = performance.getEntriesByName(first)[0];
        if (painted) tell(painted);
        else new PerformanceObserver((list) => list.getEntriesByName(first).forEach(tell))
            .observe({type: 'paint', buffered: true});
    })
"""


def painted(
    browser: Browser, signed_in: BrowserContext, url: str, size: tuple[int, int]
) -> dict[str, int]:
    """Return the milliseconds to the first contentful paint and the bytes of script, as sent and
    as run."""
    context = browser.new_context(
        storage_state=signed_in.storage_state(),
        viewport={"width": size[0], "height": size[1]},
    )
    try:
        page = context.new_page()
        page.goto(url)
        page.wait_for_load_state("networkidle")
        told: dict[str, int] = page.evaluate(PAINT)
        return told
    finally:
        context.close()
