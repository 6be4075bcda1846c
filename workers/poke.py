"""Tells the workers that there may be something to do; it can be lost, and nothing breaks."""

import logging

from celery.exceptions import OperationalError as CeleryError
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

STALE_AFTER_S = 30
"""A poke that was not taken by then is dropped: the poll has long seen to it."""


def poke() -> bool:
    """Have a worker look at what is due; False where the broker cannot be reached."""
    from workers.tasks import deliver

    try:
        deliver.apply_async(expires=STALE_AFTER_S, retry=False)
    except (OperationalError, CeleryError, OSError) as fault:
        log.warning("the broker cannot be reached", extra={"fault": type(fault).__name__})
        return False
    return True
