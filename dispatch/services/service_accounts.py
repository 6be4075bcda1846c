"""Accounts of programs: made by an administrator with a token shown once, known by it, revoked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from dispatch import audit, tenancy
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.ids import digest, new_id, new_secret
from dispatch.domain.people import Actor, Role, Scope
from dispatch.domain.sentences import Sentence
from dispatch.models import Market, ServiceAccount, User
from dispatch.models.clock import MARKET_CLOCK
from dispatch.selectors.access import service_account_for

TOKEN_PREFIX = "svc_"  # noqa: S105 - what tokens begin with, so that they are known when found
MOST_ACCOUNTS = 50
"""Accounts of one market that have not been revoked."""
LONGEST_LIFE = timedelta(days=365)
USE_IS_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def make_service_account(
    name: str, scopes: Collection[str], *, expires_at: datetime, by: Actor, now: datetime
) -> tuple[UUID, str]:
    """Make an account that may do what its scopes say; return its id and its token.

    Raises Invalid ``scopes``, ``expires_at``; Conflict ``too_many_accounts``.
    """
    _check(scopes, expires_at, now)
    Market.objects.select_for_update(no_key=True).get(id=by.market_id)
    standing = ServiceAccount.objects.filter(market_id=by.market_id, revoked_at__isnull=True)
    if standing.count() >= MOST_ACCOUNTS:
        raise Conflict("too_many_accounts", f"A market has at most {MOST_ACCOUNTS} accounts.")
    account_id, token = new_id(), TOKEN_PREFIX + new_secret()
    user = User(market_id=by.market_id, username=f"service.{account_id}", role=Role.SERVICE.value)
    user.set_unusable_password()
    user.save()
    ServiceAccount.objects.create(
        id=account_id,
        market_id=by.market_id,
        user=user,
        name=name,
        token_digest=digest(token),
        scopes=sorted(set(scopes)),
        made_at=now,
        made_by_id=by.user_id,
        expires_at=expires_at,
    )
    audit.note(by, "make", "service_account", account_id, now=now)
    return account_id, token


@transaction.atomic
def revoke_service_account(account_id: UUID, *, by: Actor, now: datetime) -> None:
    """From now on the token opens nothing; one that was revoked stays so. Raises NotFound."""
    service_account_for(by, account_id)
    account = ServiceAccount.objects.select_for_update(no_key=True).get(id=account_id)
    if account.revoked_at is None:
        account.revoked_at = now
        account.save(update_fields=["revoked_at"])
        audit.note(by, "revoke", "service_account", account_id, now=now)


def account_of(token: str) -> tuple[User, Actor] | None:
    """Return who calls with this token; None where it is unknown, revoked or has run out.

    As with every secret, who asks is not known before: it is looked up in every market, by one
    query with the market's clock in it.
    """
    with tenancy.everywhere():
        found = (
            ServiceAccount.objects.filter(
                token_digest=digest(token), revoked_at__isnull=True, user__is_active=True
            )
            .select_related("user")
            .annotate(now=MARKET_CLOCK)
            .first()
        )
        if found is None or found.now >= found.expires_at:
            return None
        _note_use(found, found.now)
    scopes = frozenset(found.scopes)
    return found.user, Actor(found.user_id, Role.SERVICE, found.market_id, scopes=scopes)


def _check(scopes: Collection[str], expires_at: datetime, now: datetime) -> None:
    unknown = sorted(set(scopes) - set(Scope))
    if unknown or not scopes:
        raise Invalid({"scopes": Sentence("One or more of {scopes}.", scopes=", ".join(Scope))})
    if not now < expires_at <= now + LONGEST_LIFE:
        told = Sentence("In the future, {days} days at most.", days=LONGEST_LIFE.days)
        raise Invalid({"expires_at": told})


def _note_use(account: ServiceAccount, now: datetime) -> None:
    """Once an hour at most: calls that only read do not wait for each other, and do not write."""
    if account.last_used_at is not None and account.last_used_at > now - USE_IS_NOTED_EVERY:
        return
    before = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
    ServiceAccount.objects.filter(before, id=account.id).update(last_used_at=now)
