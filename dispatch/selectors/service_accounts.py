"""The market's service accounts, as its administrators see them; no token is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from dispatch.domain.people import Actor
from dispatch.models import ServiceAccount


@dataclass(frozen=True, slots=True)
class ServiceAccountLine:
    """One account; ``last_used_at`` is true to the hour, null as long as nobody has used it."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    made_by: UUID
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def service_accounts_of(by: Actor) -> QuerySet[ServiceAccount]:
    """The rows behind a page of the market's accounts, those that were revoked among them."""
    return ServiceAccount.objects.filter(market_id=by.market_id)


def service_account_line(account: ServiceAccount) -> ServiceAccountLine:
    return ServiceAccountLine(
        id=account.id,
        name=account.name,
        scopes=tuple(account.scopes),
        made_at=account.made_at,
        made_by=account.made_by_id,
        expires_at=account.expires_at,
        revoked_at=account.revoked_at,
        last_used_at=account.last_used_at,
    )
