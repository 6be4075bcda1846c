"""Erase a patient's names and addresses, as an administrator of the patient's market."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Actor, Role
from dispatch.models import User
from dispatch.selectors.clock import market_now
from dispatch.services.erasing import erase_patient


class Command(BaseCommand):
    help = "Erase names, addresses and phone numbers of a patient; the treatments' record stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("patient", type=UUID)
        parser.add_argument("--because", required=True, help="who asked for it, and when")
        parser.add_argument("--by", required=True, help="an administrator's user name")

    def handle(self, *, patient: UUID, because: str, by: str, **_: Any) -> None:
        with tenancy.everywhere():
            user = User.objects.filter(
                username=by, role=Role.ADMINISTRATOR.value, is_active=True
            ).first()
            if user is None:
                raise CommandError("There is no such administrator.")
            actor = Actor(user.id, Role.ADMINISTRATOR, user.market_id)
            now = market_now(user.market_id)
            try:
                erase_patient(patient, because=because, by=actor, now=now)
            except DispatchError as refusal:
                raise CommandError(refusal.message) from refusal
        self.stdout.write("Names, addresses and the account are erased.")
