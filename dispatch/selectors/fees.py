"""What calling a visit off costs: now, and until when it costs nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.charges import cancel_fee_cents
from dispatch.domain.visit import STANDS, Status
from dispatch.models import Visit
from dispatch.selectors.protocols import protocol_of


def owed_cents(visit: Visit, now: datetime) -> int:
    """By the notice before the window opens; nothing is owed for a time that was not promised, nor
    for a visit that was suspended."""
    if not visit.window_promised or visit.status == Status.SUSPENDED.value:
        return 0
    protocol = protocol_of(visit.protocol_id)
    notice = visit.window_start - now
    return cancel_fee_cents(protocol.price_cents, protocol.cancel_fees, notice)


def free_until(visit: Visit) -> datetime | None:
    """Return until when calling off costs nothing; None where there is no such time."""
    fees = protocol_of(visit.protocol_id).cancel_fees
    free = [fee.notice_s for fee in fees if fee.percent == 0]
    return visit.window_start - timedelta(seconds=min(free)) if free else None


def owed_for_series(series_id: UUID, now: datetime) -> int:
    """Return what is owed in all where the rest of a series is called off now."""
    standing = [status.value for status in STANDS]
    visits = Visit.objects.filter(series_id=series_id, status__in=standing)
    return sum(owed_cents(visit, now) for visit in visits)
