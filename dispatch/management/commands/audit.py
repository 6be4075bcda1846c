"""Look through the audit trail, or write down that it rightly ends as it does.

``audit verify`` says which rows and seals are wrong, and ends with 1 where one is; with 2 where
nothing is, but nothing outside the database was there to compare with. After a restore the anchors
know more than the table: ``audit accept --because`` signs that this is as it should be.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.domain.errors import DispatchError
from dispatch.domain.trail import Fault
from dispatch.gateways.anchors import Anchors
from dispatch.models import AuditCheck
from dispatch.models.clock import database_now
from dispatch.selectors.trail import Progress, faults_of_trail, one_view
from dispatch.services.sealing import accept_trail

MOST_SHOWN = 200
NOT_COMPARED = 2
UNANCHORED = (
    "There is nothing outside the database to compare with: that the trail's end was cut cannot be"
    " seen. Set AUDIT_ANCHORS, or name the anchors with --anchors."
)


class Command(BaseCommand):
    help = "Verify the audit trail, or accept where it ends."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="look through the trail")
        verify.add_argument(
            "--from", type=int, default=1, dest="first", metavar="SEAL", help="begin with this seal"
        )
        verify.add_argument(
            "--anchors", type=Path, action="append", help="a file or folder; may be repeated"
        )
        accept = verbs.add_parser("accept", help="accept the trail's end, as after a restore")
        accept.add_argument("--because", required=True, help="for whoever reads the anchors later")
        accept.add_argument("--anchors", type=Path, help="the folder to write it to")

    def handle(self, *, verb: str, **told: Any) -> None:
        places = told["anchors"] or settings.AUDIT_ANCHORS
        with tenancy.everywhere():
            if verb == "accept":
                self._accept(told["because"], places)
            else:
                several = places if isinstance(places, list) else [Path(places)] if places else []
                self._verify(told["first"], several)

    def _accept(self, because: str, folder: Path | str) -> None:
        if not folder:
            raise CommandError("Name the folder of the anchors, or set AUDIT_ANCHORS.")
        try:
            number = accept_trail(because, Path(folder))
        except (DispatchError, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The trail is accepted as it ends, with seal {number}.")

    def _verify(self, first: int, places: list[Path]) -> None:
        try:
            anchors = Anchors(places)
        except OSError as error:
            raise CommandError(f"The anchors cannot be read: {error}") from error
        so_far, count = Progress(first), 0
        with one_view():
            for fault in faults_of_trail(so_far, anchors, self._tell):
                count += 1
                self._show(fault, count)
        AuditCheck.objects.create(
            at=database_now(), first_seal=first, last_seal=so_far.last_seal, rows=so_far.rows,
            faults=count,
        )  # fmt: skip
        told = {"rows": so_far.rows, "last_seal": so_far.last_seal,
                "last_anchor": so_far.last_anchor, "faults": count}  # fmt: skip
        self.stdout.write(json.dumps(told))
        if count:
            raise CommandError(f"{count} things are wrong with the audit trail.")
        if not anchors:
            raise CommandError(UNANCHORED, returncode=NOT_COMPARED)

    def _tell(self, so_far: Progress) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{so_far.rows} rows", ending="")

    def _show(self, fault: Fault, count: int) -> None:
        if count <= MOST_SHOWN:
            self.stdout.write(str(fault))
        elif count == MOST_SHOWN + 1:
            self.stdout.write("…")
