"""Who acts: a role in a market, carried by every write so that it can be told later."""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    PATIENT = "patient"
    DISPATCHER = "dispatcher"
    NURSE = "nurse"
    PRESCRIBER = "prescriber"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


PEOPLE = tuple(role for role in Role if role is not Role.SERVICE)
"""The roles of people; a program of a customer's acts as a service."""
STAFF = tuple(role for role in PEOPLE if role is not Role.PATIENT)
"""Whose accounts an administrator looks after."""

USER_NAME = re.compile(r"(?!service\.)[a-z0-9][a-z0-9._@+-]{2,149}", re.IGNORECASE | re.ASCII)
"""An e-mail address is one, too; what begins with ``service.`` is for programs."""
LONGEST_NAME = 200


def is_name(text: str) -> bool:
    """Whether somebody can be called so."""
    return 0 < len(text.strip()) <= LONGEST_NAME


class Scope(StrEnum):
    """What a service account may be given, one by one; it has nothing else."""

    VISITS_READ = "visits:read"
    BOARD_READ = "board:read"
    VERIFICATIONS_READ = "verifications:read"
    CUSTODY_READ = "custody:read"
    MESSAGES_READ = "messages:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user; ``person_id`` is the patient or nurse the user is, if any.

    ``scopes`` are what a service account may do; people have none.
    """

    user_id: UUID
    role: Role
    market_id: UUID
    person_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
