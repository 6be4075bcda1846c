"""Write the shipped protocols as rows; a version that is there already stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.services.protocols import publish_shipped


class Command(BaseCommand):
    help = "Publish the shipped protocols; run after every migration."

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(f"{publish_shipped()} protocols were new.")
