"""The words of the policy table: who may knock at a door, and whose rows they find behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.people import Role, Scope


class Whose(StrEnum):
    """Which rows a role reaches; any other is answered as a missing one."""

    OWN = "own"
    """The person's own: for a patient whatever is theirs, for staff what is about themselves."""
    ASSIGNED = "assigned"
    """Of the visits on the nurse's route, and of the patients whom she visits."""
    ROLE = "role"
    """What is for everybody of this role in the market."""
    MARKET = "market"
    """All of the market."""


class Pass(StrEnum):
    """What opens a door to somebody who is not signed in."""

    NOTHING = "anyone"
    LINK = "link"
    """The secret in the address, which was sent to one person: it opens one thing."""
    SIGNATURE = "signature"
    """Of a provider, over the request itself."""


@dataclass(frozen=True, slots=True)
class Reaching:
    """A role that reaches other rows than it does elsewhere."""

    role: Role
    whose: Whose


Who = Role | Reaching | Scope | Pass
"""A role with its usual reach, one with another, service accounts with a scope, or a pass."""

ANYONE: frozenset[Who] = frozenset({Pass.NOTHING})
LINK: frozenset[Who] = frozenset({Pass.LINK})
SIGNATURE: frozenset[Who] = frozenset({Pass.SIGNATURE})

Rows = Mapping[str, Mapping[str, frozenset[Who]]]
"""Of each door, by its name or its address: who may do what there, by method."""

USUAL = {
    Role.PATIENT: Whose.OWN,
    Role.NURSE: Whose.ASSIGNED,
    Role.DISPATCHER: Whose.MARKET,
    Role.PRESCRIBER: Whose.MARKET,
    Role.ADMINISTRATOR: Whose.MARKET,
}


def reaching(whose: Whose, roles: frozenset[Role]) -> frozenset[Who]:
    """Let these roles in, and all of them to these rows."""
    return frozenset(Reaching(role, whose) for role in roles)


def reach_of(row: frozenset[Who], role: Role, scopes: frozenset[str] = frozenset()) -> Whose | None:
    """Whose rows this role finds behind a door; None where it may not knock."""
    if role is Role.SERVICE:
        return Whose.MARKET if scopes_of(row) & scopes else None
    apart = {one.role: one.whose for one in row if isinstance(one, Reaching)}
    return apart.get(role, USUAL[role] if role in row else None)


def scopes_of(row: frozenset[Who]) -> frozenset[Scope]:
    """Any of these lets a service account in."""
    return frozenset(one for one in row if isinstance(one, Scope))


def pass_of(row: frozenset[Who]) -> Pass | None:
    """What lets in whoever comes without signing in, if anything does."""
    return next((one for one in row if isinstance(one, Pass)), None)
