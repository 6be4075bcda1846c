"""Looks every second for work that is due, and needs neither broker nor beat for it.

What falls due with the passing of time has nobody to announce it: the poll pokes the workers.
Where the broker cannot be reached, or what is due stays undone, it does the work itself.
"""

import logging
import os
import time

import django
from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

EVERY_S = 1.0
PATIENCE_S = 2.0
"""How long the workers may leave due work undone before the poll does it."""


def main() -> None:
    """Run until the worker that started it is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            tick()
        except DatabaseError:
            log.exception("the database cannot be reached; trying again")
            connection.close()
        time.sleep(EVERY_S)


def tick() -> None:
    """Look once; poke the workers, and do the work where that is not enough."""
    from dispatch.selectors.due import lag
    from workers.poke import poke
    from workers.work import clear_holds, do_all

    clear_holds()
    due = lag()
    if not (due.events or due.visits or due.messages):
        return
    if not poke() or due.oldest_s > PATIENCE_S:
        do_all()


if __name__ == "__main__":
    main()
