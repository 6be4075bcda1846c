"""Write the shipped protocols as rows; a version that is there already stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatch.domain.errors import Conflict
from dispatch.services.protocols import publish_shipped


class Command(BaseCommand):
    help = "Publish the shipped protocols; run after every migration."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            new = publish_shipped()
        except Conflict as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{new} protocols were new.")
