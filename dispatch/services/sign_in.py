"""Families of refresh tokens: begun by a sign-in, spent one at a time, ended as a whole."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dispatch import audit
from dispatch.domain.people import Actor, Role
from dispatch.models import SignIn, SpentToken
from dispatch.selectors.sessions import running_sign_ins


@transaction.atomic
def begin_sign_in(user_id: UUID, *, now: datetime) -> UUID:
    """Begin a family for a user who has proven who they are; return its id."""
    family = SignIn.objects.create(user_id=user_id, begun_at=now)
    _note(family, "sign_in", now=now)
    return family.id


@transaction.atomic
def spend_token(sign_in_id: UUID, token_id: UUID, *, now: datetime) -> bool:
    """Use up one refresh token of a family; False where that cannot be done.

    The token's id is inserted first, so that of any number of parallel uses one succeeds. It is
    False for a family that has ended, and for a token used before – which ends its family,
    because two people hold it. That must be committed: hence an answer, and no exception.
    """
    family = running_sign_ins().filter(id=sign_in_id)
    spent = SpentToken(id=token_id, sign_in_id=sign_in_id, spent_at=now)
    known = family.exists()
    fresh = known and _insert(spent)
    if known and not fresh:
        _end(sign_in_id, "token_reused", now=now)
    return fresh


@transaction.atomic
def end_sign_in(sign_in_id: UUID, *, now: datetime) -> None:
    """Sign out: no token of the family can be used any more."""
    _end(sign_in_id, "signed_out", now=now)


def _end(sign_in_id: UUID, because: str, *, now: datetime) -> None:
    """End a family and write down why, once."""
    going_on = SignIn.objects.filter(id=sign_in_id, ended_at__isnull=True)
    if going_on.update(ended_at=now, ended_because=because):
        _note(SignIn.objects.select_related("user").get(id=sign_in_id), because, now=now)


def _note(family: SignIn, verb: str, *, now: datetime) -> None:
    user = family.user
    by = Actor(user.id, Role(user.role), user.market_id)
    audit.note(by, verb, "sign_in", family.id, now=now)


def _insert(spent: SpentToken) -> bool:
    """Insert, waiting for a rival's commit; False where the rival was first."""
    try:
        with transaction.atomic():
            spent.save(force_insert=True)
    except IntegrityError:
        return False
    return True
