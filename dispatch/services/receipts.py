"""What becomes of messages after a provider has accepted them: delivered, failed, or no word."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispatch import delivering
from dispatch.domain.channels import Receipt
from dispatch.models import Message, MessageAttempt
from dispatch.models.clock import database_now
from dispatch.selectors.clock import markets_now
from dispatch.selectors.receipts import kept_receipts

AT_ONCE = 100


@transaction.atomic
def note_receipt(carrier: str, provider_id: str, receipt: Receipt, *, now: datetime) -> bool:
    """Settle what a provider tells of a message, in whatever order it tells; delivered is never
    undone, and what has failed goes by the next way at once.

    False where the provider's id is not known: our own commit may still be to come, and whoever
    keeps the receipt until then has it settled with that.
    """
    found = MessageAttempt.objects.filter(carrier=carrier, provider_id=provider_id).first()
    if found is None:
        return False
    message = Message.objects.select_for_update(no_key=True).get(id=found.message_id)
    attempt = MessageAttempt.objects.get(id=found.id)
    delivering.take_receipt(message, attempt, receipt, now=now)
    attempt.save(update_fields=["receipt", "receipt_at"])
    delivering.save([message])
    return True


@transaction.atomic
def take_overdue() -> int:
    """Have messages of which no word came in time sent by their next way; return how many.

    A receipt that was kept and not yet settled counts as word.
    """
    overdue = Message.objects.filter(state="sent", receipt_by__lt=database_now())
    overdue = overdue.select_for_update(no_key=True, skip_locked=True).order_by("receipt_by")
    messages = {one.id: one for one in overdue[:AT_ONCE]}
    tries = MessageAttempt.objects.filter(message_id__in=messages, outcome="accepted", receipt="")
    now = markets_now(one.market_id for one in messages.values())
    for attempt, receipt in kept_receipts(tries):
        message = messages[attempt.message_id]
        delivering.take_receipt(message, attempt, receipt, now=now[message.market_id])
        attempt.save(update_fields=["receipt", "receipt_at"])
    for message in messages.values():
        if message.receipt_by is not None:
            delivering.take_next_way(message, "no_receipt")
    delivering.save(list(messages.values()))
    return len(messages)
