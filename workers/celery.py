"""The Celery application: queues and time limits; every worker runs a poll beside it."""

import os

from celery import Celery

from workers.bootsteps import Loaded, Patience, Poll

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("workers", include=["workers.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].update((Patience, Loaded, Poll))
app.conf.beat_schedule = {
    "make the shifts of the coming weeks": {"task": "workers.tasks.roll_all", "schedule": 3600.0},
}
