"""Erase a patient's names and addresses, as an administrator of the patient's market."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from dispatch import tenancy
from dispatch.domain.errors import DispatchError
from dispatch.domain.people import Actor, Role
from dispatch.management.administrators import add_who_asks, administrator_named
from dispatch.selectors.clock import market_now
from dispatch.services.erasing import erase_patient


class Command(BaseCommand):
    help = "Erase names, addresses and phone numbers of a patient; the treatments' record stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_who_asks(parser)

    def handle(self, *, patient: UUID, because: str, by: str, **_: Any) -> None:
        with tenancy.everywhere():
            user = administrator_named(by)
            actor = Actor(user.id, Role.ADMINISTRATOR, user.market_id)
            now = market_now(user.market_id)
            try:
                erase_patient(patient, because=because, by=actor, now=now)
            except DispatchError as refusal:
                raise CommandError(refusal.message) from refusal
        self.stdout.write("Names, addresses and the account are erased.")
