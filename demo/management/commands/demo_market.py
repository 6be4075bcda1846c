"""`manage.py demo_market`: the demo market is there, and its logins stand on the last line."""

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from rich.console import Console

from demo.market.seed import ensure_market


class Command(BaseCommand):
    help = "Seeds the demo market where there is none, tops up its shifts, prints its logins."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        call_command("publish_protocols", stdout=self.stderr)
        self.stdout.write(json.dumps(ensure_market(Console(stderr=True))))
