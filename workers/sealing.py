"""The audit trail is sealed every second; the poll calls it once all work of care is done."""

from __future__ import annotations

import logging

from dispatch.services.sealing import seal_waiting

log = logging.getLogger(__name__)


def seal() -> None:
    """Seal what waits. Where that fails it goes on waiting, which the trail's state tells."""
    try:
        seal_waiting()
    except Exception:
        log.exception("the audit trail cannot be sealed")
