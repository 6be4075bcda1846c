"""What providers tell is kept once, whatever number of times it is told; nothing is judged here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import outbox
from dispatch.domain.events import TextReceived
from dispatch.domain.heard import ReceiptHeard, TextHeard
from dispatch.domain.ids import new_id
from dispatch.domain.replies import Command, command_of
from dispatch.models import InboundText, ProviderReceipt
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index
from dispatch.selectors.conversations import is_stopped


@transaction.atomic
def keep_text(heard: TextHeard, *, market_id: UUID, now: datetime) -> Command | None:
    """Keep a text that is new, to be read by a worker; return what it asks for at once.

    None also for a text that was kept before. ``heard.sender`` is in E.164.
    """
    command = command_of(heard.body, stopped=is_stopped(heard.sender))
    text = InboundText(
        id=new_id(),
        market_id=market_id,
        carrier=heard.carrier,
        provider_id=heard.provider_id,
        sender=heard.sender,
        sender_index=blind_index(heard.sender),
        body=heard.body,
        received_at=database_now(),
        command="" if command is None else command.value,
        answered=heard.answered,
    )
    InboundText.objects.bulk_create([text], ignore_conflicts=True)
    if not InboundText.objects.filter(id=text.id).exists():
        return None
    outbox.record(TextReceived(text.id), market_id=market_id, now=now)
    return command


@transaction.atomic
def keep_receipt(heard: ReceiptHeard) -> bool:
    """Keep what a provider told of a message; False where it had told the same event before."""
    receipt = ProviderReceipt(
        id=new_id(),
        carrier=heard.carrier,
        provider_id=heard.provider_id,
        receipt=heard.receipt.value,
        event_key=f"{heard.carrier}:{heard.event_key}",
        received_at=database_now(),
    )
    ProviderReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    return ProviderReceipt.objects.filter(id=receipt.id).exists()
