"""Looks every second for work that is due, and needs neither broker nor beat for it.

What falls due with the passing of time has nobody to announce it: the poll pokes the workers.
Where the broker cannot be reached, or what is due stays undone, it does the work itself.
"""

import logging
import os
import threading
import time

import django
from django.db import DatabaseError, connection

from dispatch import tenancy

log = logging.getLogger(__name__)

EVERY_S = 1.0
PLANNER = "planner"
PATIENCE_S = 1.0
"""How long the workers may leave due work undone before the poll does it."""


def main() -> None:
    """Run until the worker that started it is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    parent = os.getppid()
    write_last_anchor()
    while os.getppid() == parent:
        try:
            tick()
        except DatabaseError:
            log.exception("the database cannot be reached; trying again")
            connection.close()
        time.sleep(EVERY_S)


def write_last_anchor() -> None:
    """A poll that was killed may have sealed and not yet written it down outside."""
    from dispatch.services.sealing import write_anchor

    try:
        write_anchor()
    except DatabaseError:
        connection.close()


@tenancy.everywhere()
def tick() -> None:
    """Look once. Care goes first: what keeps the books holds nothing up by failing."""
    from dispatch.selectors.webhooks import webhook_lag
    from workers.forgetting import forget
    from workers.keeping import keep
    from workers.sealing import seal
    from workers.webhooks import send_beside
    from workers.work import clear_holds, retime_quiet_days, take_next_ways

    clear_holds()
    retime_quiet_days()
    keep()
    take_next_ways()
    if webhook_lag().due:
        send_beside()
    do_what_is_due()
    seal()
    forget()


def do_what_is_due() -> None:
    """Poke the workers where something waits for them, and do it where they leave it undone."""
    from dispatch.selectors.due import jobs_wait_s, lag
    from workers.poke import poke
    from workers.work import do_all

    due, waits_s = lag(), jobs_wait_s()
    work_is_due = bool(due.events or due.visits or due.messages or due.rooms)
    if not work_is_due and waits_s is None:
        return
    told = poke()
    if work_is_due and (not told or due.oldest_s > PATIENCE_S):
        do_all()
    if waits_s is not None and (not told or waits_s > PATIENCE_S):
        plan_beside()


def plan_beside() -> None:
    """Have a thread work out plans, one at a time: the poll itself goes on looking."""
    if not any(thread.name == PLANNER for thread in threading.enumerate()):
        threading.Thread(target=_plan, name=PLANNER, daemon=True).start()


@tenancy.everywhere()
def _plan() -> None:
    from workers.planning import work_out_plans

    try:
        work_out_plans()
    except DatabaseError:
        log.exception("the database cannot be reached; the next look tries again")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
