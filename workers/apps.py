"""Has the workers poked after every commit that recorded an event."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"

    def ready(self) -> None:
        from dispatch import outbox
        from workers.poke import poke

        outbox.on_record(poke)
