"""Tells the workers that there may be something to do; it can be lost, and nothing breaks."""

import logging

from celery.exceptions import OperationalError as CeleryError
from django.core.cache import cache
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

POKED = "workers.poked"
"""Stands in the broker while a poke waits in the queue; whoever takes that up takes this away."""
AGAIN_AFTER_S = 1
STALE_AFTER_S = 30
"""A poke that was not taken by then is dropped: the poll has long seen to it."""


def poke() -> bool:
    """Have a worker look at what is due; False where the broker cannot be reached.

    One poke that waits is enough: what was committed before it is taken up is seen by it.
    """
    from workers.tasks import deliver

    if not cache.add(POKED, "", timeout=AGAIN_AFTER_S):
        return True
    try:
        deliver.apply_async(expires=STALE_AFTER_S, retry=False)
    except (OperationalError, CeleryError, OSError) as fault:
        log.warning("the broker cannot be reached", extra={"fault": type(fault).__name__})
        return False
    return True
