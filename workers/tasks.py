"""Celery's tasks, a line each: the work is in workers/work.py, the truth in PostgreSQL.

They belong to this application by name: `shared_task` would fall to a default one, with a broker
that is not ours, in a process that has not happened to import `workers.celery`. The work is
imported where it is done: beat only knows the tasks by name, and is up again in half the time.
"""

from django.core.cache import cache

from workers.celery import app
from workers.poke import POKED

SOON = 30
LONG = 300


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def deliver() -> None:
    """Deliver events that are due, for a turn, then have done what is due after them."""
    from dispatch.selectors.due import jobs_wait_s, lag
    from workers import work

    cache.delete(POKED)
    delivered = work.deliver_events(work.TURN_S)
    due = lag()
    more = due.events if delivered else 0
    wanted = {send: due.messages, deliver: more, assign: due.visits, open_rooms: due.rooms}
    for task, rows in wanted.items():
        if rows:
            task.apply_async(expires=SOON, retry=False)
    if jobs_wait_s() is not None:
        plan.apply_async(expires=SOON, retry=False)


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def assign() -> None:
    """Plan series anew and find nurses for visits, for a turn each, then have it told."""
    from workers import work

    replanned = work.replan_all_series(work.TURN_S)
    if work.assign_visits(work.TURN_S) or replanned:
        deliver.apply_async(expires=SOON, retry=False)


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def send() -> None:
    """Send the messages that are due, and our answers to texts."""
    from workers import replying, work

    work.send_messages()
    replying.send_replies()


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def open_rooms() -> None:
    """Have rooms opened for consults."""
    from workers import work

    work.open_rooms()


@app.task(soft_time_limit=LONG, time_limit=LONG * 2)
def plan() -> None:
    """Work out what the planner was asked."""
    from workers.planning import work_out_plans

    work_out_plans()


@app.task(soft_time_limit=LONG, time_limit=LONG * 2)
def roll_all() -> None:
    """Make the shifts of the coming weeks in every market."""
    from workers import work

    work.roll_shifts_everywhere()
