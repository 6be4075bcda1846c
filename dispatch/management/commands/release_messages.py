"""Let messages be sent again although what may have been sent before is not settled."""

from typing import Any

from django.core.management.base import BaseCommand

from dispatch.services.engine import look_at_database, release


class Command(BaseCommand):
    help = "Release held messages now; some may then be received twice."

    def handle(self, **_: Any) -> None:
        look_at_database()
        self.stdout.write("Messages are sent again." if release() else "No messages were held.")
