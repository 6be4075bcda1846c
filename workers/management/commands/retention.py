"""Delete what has been kept for long enough; the workers do the same once a day."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from dispatch import tenancy
from dispatch.domain.retention import TERMS
from dispatch.services.retention import AT_ONCE, counts, forget_some, term_of


class Command(BaseCommand):
    help = "Delete what has been kept for long enough, or with --dry-run only count it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and delete nothing")

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        with tenancy.everywhere():
            waiting = counts()
            for term in TERMS:
                gone = 0 if dry_run else waiting[term.table]
                while not dry_run and forget_some(term) == AT_ONCE:
                    pass
                told = f"{waiting[term.table]} rows have run out" if dry_run else f"{gone} deleted"
                self.stdout.write(
                    f"{term.table}: {told} (after {term_of(term).days} days: {term.why})"
                )
