"""What a run looks like while it goes on, and what it found."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.harness.judge import Findings
from tests.harness.load import Journal
from tests.harness.stage import Provider
from tests.harness.trouble import Trouble

EVERY_S = 1.0
SHOWN = 10
SHARES = (0.5, 0.9, 0.99, 1.0)


class Watch:
    """A line that is renewed every second."""

    def __init__(self, console: Console, seconds: float) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=console)
        self.task = self.progress.add_task("starting", total=seconds)
        self.began = self.last = 0.0

    def look(self, journal: Journal, trouble: Trouble, provider: Provider) -> None:
        now = time.monotonic()
        self.began = self.began or now
        if now - self.last < EVERY_S:
            return
        self.last = now
        done = (
            f"{len(journal.booked)} booked, {len(journal.called_off)} called off, "
            f"{len(journal.moved)} moved, {provider.counts()['accepted']} texts, "
            f"{sum(trouble.done.values())} kills"
        )
        self.progress.update(self.task, description=done, completed=now - self.began)


def show(console: Console, found: Findings, journal: Journal, trouble: Trouble) -> None:
    """What was done, the latest messages, and every row that violates."""
    table = Table("killed", "times")
    for kind, times in trouble.done.most_common():
        table.add_row(kind, str(times))
    console.print(table)
    console.print("refused or asked again:", dict(journal.counts))
    for what in (journal.unanswered, trouble.faults):
        for line in what:
            console.print(f"[red]{line}[/red]")
    usual = ", ".join(f"{share:.0%}: {found.late_at(share):.1f} s" for share in SHARES)
    console.print(f"late: {usual}")
    latest = ", ".join(f"{late:.1f} s {what}" for late, what in sorted(found.late)[-SHOWN:])
    console.print(f"the latest of {len(found.late)} messages: {latest}")
    violations(console, found)


def violations(console: Console, found: Findings) -> None:
    for name, rows in found.violations.items():
        for row in rows[:SHOWN]:
            console.print(f"[red]{name}: {row}[/red]")
        if len(rows) > SHOWN:
            console.print(f"[red]{name}: and {len(rows) - SHOWN} more[/red]")
