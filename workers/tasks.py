"""Celery's tasks, a line each: the work is in workers/work.py, the truth in PostgreSQL.

They belong to this application by name: `shared_task` would fall to a default one, with a broker
that is not ours, in a process that has not happened to import `workers.celery`.
"""

from dispatch.selectors.due import jobs_wait_s
from workers import replying, work
from workers.celery import app

SOON = 30
LONG = 300


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def deliver() -> None:
    """Deliver the events that are due, then have visits assigned and messages sent."""
    work.deliver_events()
    assign.apply_async(expires=SOON, retry=False)
    send.apply_async(expires=SOON, retry=False)
    open_rooms.apply_async(expires=SOON, retry=False)
    if jobs_wait_s() is not None:
        plan.apply_async(expires=SOON, retry=False)


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def assign() -> None:
    """Plan series anew and find nurses for visits; what is booked and assigned is told at once."""
    replanned = work.replan_all_series()
    if work.assign_visits() or replanned:
        work.deliver_events()


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def send() -> None:
    """Send the messages that are due, and our answers to texts."""
    work.send_messages()
    replying.send_replies()


@app.task(soft_time_limit=SOON, time_limit=SOON * 2)
def open_rooms() -> None:
    """Have rooms opened for consults."""
    work.open_rooms()


@app.task(soft_time_limit=LONG, time_limit=LONG * 2)
def plan() -> None:
    """Work out what the planner was asked."""
    work.work_out_plans()


@app.task(soft_time_limit=LONG, time_limit=LONG * 2)
def roll_all() -> None:
    """Make the shifts of the coming weeks in every market."""
    work.roll_shifts_everywhere()
