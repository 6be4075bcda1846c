"""Write everything that is held about a patient, who asked an administrator of theirs for it.

Somebody else has it on their list to look into, as after breaking glass.
"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from dispatch import tenancy
from dispatch.domain.errors import DispatchError, Invalid
from dispatch.domain.people import Actor, Role
from dispatch.management.administrators import add_who_asks, administrator_named
from dispatch.models import User
from dispatch.selectors.about_patients import Export
from dispatch.selectors.clock import market_now
from dispatch.services.break_glass import break_glass, end_broken_glass
from dispatch.services.exports import export_patient


class Command(BaseCommand):
    help = "Write everything that is held about a patient, as JSON; a task to review it is opened."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_who_asks(parser)

    def handle(self, *, patient: UUID, because: str, by: str, **_: Any) -> None:
        with tenancy.everywhere():
            user = administrator_named(by)
            try:
                export = _export(patient, because, user)
            except Invalid as refusal:
                raise CommandError(" ".join(map(str, refusal.fields.values()))) from refusal
            except DispatchError as refusal:
                raise CommandError(refusal.message) from refusal
        self.stdout.write(json.dumps(asdict(export), cls=DjangoJSONEncoder))


@transaction.atomic
def _export(patient: UUID, because: str, user: User) -> Export:
    by = Actor(user.id, Role.ADMINISTRATOR, user.market_id)
    now = market_now(user.market_id)
    glass = break_glass(patient, reason=because, by=by, now=now)
    export = export_patient(patient, by=by, now=now)
    end_broken_glass(glass, by=by, now=now)
    return export
