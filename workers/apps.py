"""Has the workers poked after every commit that recorded an event, and a task end in its time."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"

    def ready(self) -> None:
        from celery.exceptions import SoftTimeLimitExceeded

        from dispatch import outbox, stopping
        from workers.poke import poke

        outbox.on_record(poke)
        stopping.stop_for(SoftTimeLimitExceeded)
