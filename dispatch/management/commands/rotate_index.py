"""Bring every blind index under the first of BLIND_INDEX_KEY; may be stopped and run again."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.models.encrypted import writing_key
from dispatch.rotating import indexed_tables, indexes_under, rotated, stale_rows


class Command(BaseCommand):
    help = "Bring every blind index under the newest key, while the service runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retire", type=int, metavar="NUMBER",
            help="only say whether nothing is found by this key any more",
        )  # fmt: skip

    def handle(self, *, retire: int | None, **_: Any) -> None:
        with tenancy.everywhere():
            if retire is None:
                self._rotate()
            else:
                self._retire(retire)

    def _rotate(self) -> None:
        newest = max(settings.BLIND_INDEX_KEYS)
        if writing_key() != newest:
            raise CommandError(f"Put number {newest} first in BLIND_INDEX_KEY: that one writes.")
        for indexed in indexed_tables():
            done = sum(rotated(indexed, self.stderr.write))
            left = stale_rows(indexed)
            self.stdout.write(f"{indexed.table}: {done} rows renewed, {left} left")
            if left:
                raise CommandError(f"{indexed.table} is written to without rest; run it again.")
        self.stdout.write(f"Every blind index is under key {newest}.")

    def _retire(self, number: int) -> None:
        if number not in settings.BLIND_INDEX_KEYS or number == writing_key():
            raise CommandError("Name a key of BLIND_INDEX_KEY other than the first, which writes.")
        counts = {one.table: indexes_under(one, number) for one in indexed_tables()}
        if found := {table: count for table, count in counts.items() if count}:
            raise CommandError(f"Still under key {number}: {found}. Run rotate_index first.")
        self.stdout.write(
            f"Nothing is found by key {number} any more, and it need not be secret. It stays in"
            " BLIND_INDEX_KEY: the keys after it are made over it."
        )
