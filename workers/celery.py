"""The Celery application: queues and time limits; every worker runs a poll beside it."""

import os
from typing import Any

import celery

from dispatch import tenancy
from workers.bootsteps import Loaded, Patience, Poll

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Task(celery.Task):  # type: ignore[type-arg]  # only the stub's is generic
    """Works on the rows of all markets."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with tenancy.everywhere():
            return super().__call__(*args, **kwargs)


app = celery.Celery("workers", include=["workers.tasks"], task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].update((Patience, Loaded, Poll))
app.conf.beat_schedule = {
    "make the shifts of the coming weeks": {"task": "workers.tasks.roll_all", "schedule": 3600.0},
}
