"""Moving a demo market's clock, so that its days can be walked in a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.models import Market


@transaction.atomic
def advance_clock(market_id: UUID, by_how_much: timedelta, *, by: Actor, now: datetime) -> None:
    """Move the clock forward. Raises Conflict ``not_a_demo`` for a market with real patients."""
    market = Market.objects.select_for_update().get(id=market_id)
    if not market.is_demo:
        raise Conflict("not_a_demo", "Only a demo market's clock can be moved.")
    market.clock_offset += by_how_much
    market.save(update_fields=["clock_offset"])
    audit.note(by, "advance_clock", "market", market.id, now=now)
