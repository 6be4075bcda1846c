"""Settling what a service whose database was lost may have sent: found, withdrawn, or to be sent.

Nothing is begun meanwhile. Whoever can be asked is asked; of the others the kind decides.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, delivering
from dispatch.domain.channels import Channel, Outgoing
from dispatch.domain.messages import Kind
from dispatch.domain.reconciling import NOISE_WHEN_DOUBLED, Doubt, in_doubt
from dispatch.gateways.carriers import Carrier
from dispatch.models import Message, MessageAttempt
from dispatch.models.clock import database_now
from dispatch.selectors.receipts import kept_receipts
from dispatch.selectors.reconciling import ASKED


@transaction.atomic
def note_found(
    message_id: UUID,
    channel: Channel,
    outgoing: Outgoing,
    *,
    carrier: Carrier,
    provider_id: str,
    now: datetime,
) -> None:
    """The provider has it: it was sent, by a try that this database has lost. What was told of it
    since is settled with it, and more is waited for, as with any other."""
    message, clock = _suspect(message_id), database_now()
    if message is None:
        return
    attempt = MessageAttempt.objects.create(
        market_id=message.market_id,
        message=message,
        begun_at=now,
        tried_at=clock,
        channel=channel.value,
        carrier=carrier.name,
        key=outgoing.key,
        recipient=outgoing.to,
        subject=outgoing.subject,
        body=outgoing.body,
        settled_at=now,
        outcome="accepted",
        provider_id=provider_id,
    )
    message.channel = channel.value
    delivering.accept(message, tells=carrier.tells, clock=clock, now=now)
    for _, receipt in kept_receipts([attempt]):
        delivering.take_receipt(message, attempt, receipt, now=now)
    attempt.save(update_fields=["receipt", "receipt_at"])
    if message.state == "due":
        message.state_because = ASKED
    delivering.save([message])
    audit.note_worker(message.market_id, "find_sent", "message", message.id, now=now)


@transaction.atomic
def note_unsent(message_id: UUID) -> None:
    """It did not go out, or it has to go out all the same: it is sent once messages are."""
    message = _suspect(message_id)
    if message is not None:
        message.state_because = ASKED
        message.save(update_fields=["state_because"])


@transaction.atomic
def settle_doubt(message_id: UUID, *, now: datetime) -> None:
    """Nobody can say whether it went out: its kind decides, by ``in_doubt``."""
    message = _suspect(message_id)
    if message is None:
        return
    if in_doubt(Kind(message.kind)) is Doubt.SEND:
        message.state_because = ASKED
    else:
        delivering.withdraw(message, "restored")
    delivering.save([message])
    audit.note_worker(message.market_id, "settle_doubt", "message", message.id, now=now)


@transaction.atomic
def wait_for_no_receipt() -> None:
    """Receipts may have come to the lost database: no other way is taken for want of one, but for
    messages that do harm when they are lost."""
    noise = [kind.value for kind in NOISE_WHEN_DOUBLED]
    waiting = Message.objects.filter(state="sent", receipt="", receipt_by__isnull=False)
    waiting.filter(kind__in=noise).update(receipt_by=None)


def _suspect(message_id: UUID) -> Message | None:
    """Locked; None where it has been settled meanwhile."""
    rows = Message.objects.select_for_update(no_key=True).filter(id=message_id, state="due")
    return rows.exclude(state_because=ASKED).first()
