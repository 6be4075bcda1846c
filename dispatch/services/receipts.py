"""What a provider tells later of something it had accepted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispatch.domain.channels import Receipt
from dispatch.models import MessageAttempt


@transaction.atomic
def note_receipt(carrier: str, provider_id: str, receipt: Receipt, *, now: datetime) -> bool:
    """Write the receipt to the attempt, if it is known; what was delivered stays delivered."""
    known = MessageAttempt.objects.filter(carrier=carrier, provider_id=provider_id)
    if not known.exists():
        return False
    undelivered = known.exclude(receipt=Receipt.DELIVERED.value)
    undelivered.update(receipt=receipt.value, receipt_at=now)
    return True
