"""Families of refresh tokens: begun by a sign-in, spent one at a time, ended as a whole."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from dispatch.domain.errors import Forbidden
from dispatch.models import SignIn, SpentToken
from dispatch.models.clock import database_now


@transaction.atomic
def begin_sign_in(user_id: UUID) -> UUID:
    """Begin a family for a user whose password was right; return its id."""
    return SignIn.objects.create(user_id=user_id, begun_at=database_now()).id


def spend_token(sign_in_id: UUID, token_id: UUID) -> None:
    """Use up one refresh token of a family.

    The token's id is inserted first, so that of any number of parallel uses one succeeds. Raises
    Forbidden ``signed_out`` for a family that has ended, and for a token used before – which
    ends its family, because two people hold it.
    """
    with transaction.atomic():
        family = SignIn.objects.filter(id=sign_in_id, ended_at__isnull=True, user__is_active=True)
        spent = SpentToken(id=token_id, sign_in_id=sign_in_id, spent_at=database_now())
        known = family.exists()
        fresh = known and _insert(spent)
        if known and not fresh:
            family.update(ended_at=database_now(), ended_because="token_reused")
    if not fresh:
        raise Forbidden("signed_out", "Please sign in again.")


@transaction.atomic
def end_sign_in(sign_in_id: UUID) -> None:
    """Sign out: no token of the family can be used any more."""
    SignIn.objects.filter(id=sign_in_id, ended_at__isnull=True).update(
        ended_at=database_now(), ended_because="signed_out"
    )


def _insert(spent: SpentToken) -> bool:
    """Insert, waiting for a rival's commit; False where the rival was first."""
    try:
        with transaction.atomic():
            spent.save(force_insert=True)
    except IntegrityError:
        return False
    return True
