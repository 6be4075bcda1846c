"""Compare every visit with its messages and plan again what is missing; sends nothing itself."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from dispatch.domain.reconciling import Found
from dispatch.services.engine import look_at_database
from workers.keeping import compare_all

TOLD = {
    "visits": "visits compared",
    "planned": "messages that were missing, planned again",
    "withdrawn": "messages without their visit, withdrawn",
    "overdue": "messages long due that nothing keeps",
    "unproven": "messages sent that nobody ever accepted",
}


class Command(BaseCommand):
    help = "Compare every visit with its messages; plan what is missing, withdraw what is void."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object, last")

    def handle(self, *, json: bool, **_: Any) -> None:
        look_at_database()
        found = compare_all(self._tell)
        if self.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(_as_json(found) if json else _as_table(found))

    def _tell(self, found: Found) -> None:
        terminal = self.stderr.isatty()
        line = f"{found.visits} visits compared, {found.planned} messages planned again"
        self.stderr.write(f"\r{line}" if terminal else line, ending="" if terminal else "\n")


def _as_json(found: Found) -> str:
    return json.dumps(asdict(found))


def _as_table(found: Found) -> str:
    table = Table(show_header=False)
    for name, count in asdict(found).items():
        table.add_row(TOLD[name], str(count))
    console = Console()
    with console.capture() as kept:
        console.print(table)
    return kept.get()
