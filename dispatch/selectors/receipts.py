"""What providers told of messages before we had written down that they have them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from dispatch.domain.channels import Receipt
from dispatch.models import MessageAttempt, ProviderReceipt


def kept_receipts(
    attempts: Iterable[MessageAttempt],
) -> tuple[tuple[MessageAttempt, Receipt], ...]:
    """Return what was told of these attempts and kept, in the order in which it came."""
    known = {(one.carrier, one.provider_id): one for one in attempts if one.provider_id}
    if not known:
        return ()
    carriers, ids = ({name[part] for name in known} for part in (0, 1))
    rows = ProviderReceipt.objects.filter(carrier__in=carriers, provider_id__in=ids)
    return tuple(
        (known[row.carrier, row.provider_id], Receipt(row.receipt))
        for row in rows.order_by("received_at")
        if (row.carrier, row.provider_id) in known
    )


def market_of_try(carrier: str, provider_id: str) -> UUID | None:
    """Return the market of what a provider had accepted; None where that is not known here."""
    tries = MessageAttempt.objects.filter(carrier=carrier, provider_id=provider_id)
    return tries.values_list("market_id", flat=True).first()
