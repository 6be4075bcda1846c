"""The attention of a market's clinicians, taken by one transaction at a time.

It is the last lock of a transaction: lock no shift, patient or visit after it, so that nobody who
holds it waits for another.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from dispatch.domain.clock import instant
from dispatch.domain.errors import Conflict
from dispatch.models import Supervision
from dispatch.planning.rules import infusing
from dispatch.selectors.claims import Claim, watched
from dispatch.selectors.supervision import attention_on

KEY = 1
"""The first half of the keys of this service's advisory locks on markets."""


def lock(market_id: UUID) -> None:
    """Wait for whoever is taking time in the market."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [KEY, str(market_id)])


def counted_again(claim: Claim, now: datetime) -> Claim:
    """Return the claim with what can be watched as it stands under the lock."""
    if not _is_supervised(claim.market_id):
        return claim
    lock(claim.market_id)
    return watched(claim, now=now)


def check(claims: Collection[Claim], market_id: UUID, now: datetime) -> None:
    """Raise Conflict ``slot_taken`` where all that is new cannot be watched beside what stands."""
    if not claims or not _is_supervised(market_id):
        return
    lock(market_id)
    asked = [claim.request for claim in claims]
    begin, end = min(one.earliest for one in asked), max(one.latest + one.service for one in asked)
    attention = attention_on(market_id, instant(begin), instant(end), now=now)
    if attention is None or attention.too_many(map(infusing, asked)):
        raise Conflict("slot_taken", "So many infusions cannot be watched at once.")


def _is_supervised(market_id: UUID) -> bool:
    return Supervision.objects.filter(market_id=market_id).exists()
