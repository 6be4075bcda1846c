"""Once a day and rule, what has been kept for long enough is deleted; the poll calls it."""

from __future__ import annotations

import logging
import time

from dispatch.services.retention import AT_ONCE, forget_some, take_rule

log = logging.getLogger(__name__)

LONGEST_S = 2.0
"""What is left goes on the next day, or with the next call of the command."""


def forget() -> None:
    """Take one rule that is due, if there is one; one that fails holds no other work up."""
    term = take_rule()
    if term is None:
        return
    stop_at = time.monotonic() + LONGEST_S
    try:
        while forget_some(term) == AT_ONCE and time.monotonic() < stop_at:
            pass
    except Exception:
        log.exception("what has run out cannot be deleted", extra={"rule": term.table})
