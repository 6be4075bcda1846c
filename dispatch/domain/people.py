"""Who acts: a role in a market, carried by every write so that it can be told later."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    PATIENT = "patient"
    DISPATCHER = "dispatcher"
    NURSE = "nurse"
    PRESCRIBER = "prescriber"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user; ``person_id`` is the patient or nurse the user is, if any."""

    user_id: UUID
    role: Role
    market_id: UUID
    person_id: UUID | None = None
