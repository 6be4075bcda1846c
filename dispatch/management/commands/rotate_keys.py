"""Re-encrypt every personal field under the first of FIELD_KEYS; may be stopped and run again."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.rotating import (
    current_key,
    rotated,
    rows_under,
    sealed_tables,
    stale_rows,
)
from dispatch.second_factors import rotate_second_factors, second_factors_under


class Command(BaseCommand):
    help = "Re-encrypt every personal field under the first of FIELD_KEYS, while the service runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--retire", metavar="KEYID", help="only say whether nothing is left under this key"
        )

    def handle(self, *, retire: str | None, **_: Any) -> None:
        with tenancy.everywhere():
            if retire is None:
                self._rotate()
            else:
                self._retire(retire)

    def _rotate(self) -> None:
        for sealed in sealed_tables():
            done = sum(rotated(sealed, self.stderr.write))
            left = stale_rows(sealed)
            self.stdout.write(f"{sealed.table}: {done} rows re-encrypted, {left} left")
            if left:
                raise CommandError(f"{sealed.table} is written to without rest; run it again.")
        self.stdout.write(f"second factors: {rotate_second_factors()} re-encrypted")
        self.stdout.write(f"Everything is under key {current_key()}.")

    def _retire(self, key_id: str) -> None:
        if key_id == current_key() or key_id not in settings.FIELD_KEYS:
            raise CommandError("Name a key of FIELD_KEYS other than the first, which encrypts.")
        counts = {one.table: rows_under(one, key_id) for one in sealed_tables()}
        counts["second factors"] = second_factors_under(key_id)
        if found := {table: count for table, count in counts.items() if count}:
            raise CommandError(f"Still under key {key_id}: {found}. Run rotate_keys first.")
        self.stdout.write(f"Nothing is under key {key_id}: it can be taken out of FIELD_KEYS.")
