"""Commands that an administrator answers for: who ran them, about whom, and why."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError

from dispatch.domain.people import Role
from dispatch.models import User


def add_who_asks(parser: ArgumentParser) -> None:
    """Take a patient, the reason, and the administrator's user name."""
    parser.add_argument("patient", type=UUID)
    parser.add_argument("--because", required=True, help="who asked for it, and when")
    parser.add_argument("--by", required=True, help="an administrator's user name")


def administrator_named(name: str) -> User:
    """Return the administrator. Raises CommandError where there is none of that name."""
    found = User.objects.filter(username=name, role=Role.ADMINISTRATOR.value, is_active=True)
    if (user := found.first()) is None:
        raise CommandError("There is no such administrator.")
    return user
