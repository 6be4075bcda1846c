"""The workers' application with a beat that sends every task several times a second."""

from workers.celery import app

TASKS = ("deliver", "assign", "send", "open_rooms", "roll_all")

app.conf.beat_schedule = {
    name: {"task": f"workers.tasks.{name}", "schedule": 0.3} for name in TASKS
}
