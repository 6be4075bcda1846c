"""Accounts of a market's staff, as its administrators see them, and the link that lets one in.

All instants asked for are by the database's own clock, as sign-ins are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings

from dispatch.domain.ids import digest
from dispatch.domain.people import Actor, Role
from dispatch.domain.sessions import is_over
from dispatch.models import Invitation, ScreenSession, User
from dispatch.selectors.access import staff_for, staff_of
from dispatch.selectors.sessions import running_sign_ins

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class Account:
    """``link_until`` is set while a link to a new password is open; ``signed_in`` counts browsers
    and programs; ``nurse`` is the id under which a nurse has a page of her own."""

    id: UUID
    name: str
    username: str
    role: Role
    active: bool
    oneself: bool
    has_password: bool
    has_second_factor: bool
    link_until: datetime | None
    signed_in: int
    nurse: UUID | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for."""

    user_id: UUID
    market_id: UUID
    username: str


def accounts(by: Actor, *, at: datetime) -> tuple[Account, ...]:
    """Return those of the staff, the open ones first, by role and name."""
    found = _accounts(list(staff_of(by).select_related("nurse")), by, at)
    roles = tuple(Role)
    return tuple(
        sorted(found, key=lambda one: (not one.active, -roles.index(one.role), one.name.casefold()))
    )


def account(by: Actor, user_id: UUID, *, at: datetime) -> Account:
    """Return one of them. Raises NotFound."""
    return _accounts([staff_for(by, user_id)], by, at)[0]


def invited(secret: str, *, at: datetime) -> Invited | None:
    """Return whom the link is for; None for one that is unknown, used or has run out."""
    links = Invitation.objects.filter(
        secret_digest=digest(secret), expires_at__gt=at, user__is_active=True
    )
    row = links.select_related("user").first()
    return None if row is None else Invited(row.user_id, row.market_id, row.user.username)


def invitation_link(secret: str) -> str:
    """Return the address to give to whom it is for."""
    return f"{settings.PUBLIC_URL}/invitation/{secret}"


def _accounts(users: Sequence[User], by: Actor, at: datetime) -> list[Account]:
    ids = [user.id for user in users]
    links = Invitation.objects.filter(user_id__in=ids, expires_at__gt=at)
    until = dict(links.values_list("user_id", "expires_at"))
    held = Authenticator.objects.filter(user_id__in=ids, type__in=FACTORS)
    factors = set(held.values_list("user_id", flat=True))
    signed_in: dict[UUID, int] = defaultdict(int)
    for family in running_sign_ins().filter(user_id__in=ids):
        signed_in[family.user_id] += 1
    roles = {user.id: Role(user.role) for user in users}
    sessions = ScreenSession.objects.filter(user_id__in=ids).defer("data")
    for one in sessions:
        if one.user_id and not is_over(roles[one.user_id], one.begun_at, one.seen_at, at):
            signed_in[one.user_id] += 1
    return [
        Account(
            id=user.id,
            name=user.nurse.name if hasattr(user, "nurse") else user.name,
            username=user.username,
            role=roles[user.id],
            active=user.is_active,
            oneself=user.id == by.user_id,
            has_password=user.has_usable_password(),
            has_second_factor=user.id in factors,
            link_until=until.get(user.id),
            signed_in=signed_in[user.id],
            nurse=user.nurse.id if hasattr(user, "nurse") else None,
        )
        for user in users
    ]
