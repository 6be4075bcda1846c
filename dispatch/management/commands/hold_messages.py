"""Hold messages after a restore that the database itself does not show, as from a disk's snapshot.

Run it before the workers start. They plan what is called for, settle what may have gone out since
the time given, and release by themselves.
"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand

from dispatch.services.engine import hold, look_at_database


class Command(BaseCommand):
    help = "Begin no message until all that may have been sent since a time is settled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=_instant, required=True, help="when the snapshot was taken, with offset"
        )

    def handle(self, *, since: datetime, **_: Any) -> None:
        look_at_database()
        hold(since)
        self.stdout.write(f"Messages are held; what may have gone out since {since} is settled.")


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise ArgumentTypeError("must be a time such as 2027-06-07T08:00-04:00") from fault
    if moment.tzinfo is None:
        raise ArgumentTypeError("must carry its offset, such as -04:00 or Z")
    return moment
