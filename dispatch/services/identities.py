"""Who an OpenID Connect provider's people are here, as an administrator says it."""

from __future__ import annotations

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.people import Actor
from dispatch.models import User

PROVIDER, SUBJECT = "oidc", "user_account"


@transaction.atomic
def bind_identity(username: str, *, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    """From now on the provider's ``subject`` opens the account of this name in the market.

    Raises NotFound where there is none that is active; Conflict ``bound`` where the identity opens
    an account already.
    """
    user = _locked(username, by)
    made, is_new = SocialAccount.objects.get_or_create(
        provider=PROVIDER, uid=_uid(issuer, subject), defaults={"user": user}
    )
    if not is_new:
        whose = "this" if made.user_id == user.id else "another"
        raise Conflict("bound", f"This identity opens {whose} account already.")
    audit.note(by, "bind_identity", SUBJECT, user.id, now=now)


@transaction.atomic
def release_identity(username: str, *, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    """The provider's ``subject`` opens the account no more; who is signed in stays so.

    Raises NotFound for an account or an identity that is not there.
    """
    user = _locked(username, by)
    bound = SocialAccount.objects.filter(user=user, provider=PROVIDER, uid=_uid(issuer, subject))
    if not bound.delete()[0]:
        raise NotFound("identity")
    audit.note(by, "release_identity", SUBJECT, user.id, now=now)


def _locked(username: str, by: Actor) -> User:
    users = User.objects.select_for_update(no_key=True)
    user = users.filter(username=username, market_id=by.market_id, is_active=True).first()
    if user is None:
        raise NotFound("user")
    return user


def _uid(issuer: str, subject: str) -> str:
    """A subject is somebody only together with its issuer."""
    return f"{issuer} {subject}"
