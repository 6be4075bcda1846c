"""What providers tell is taken in here, each thing in one transaction: kept, and obeyed at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from dispatch.domain.channels import Channel
from dispatch.domain.heard import Heard, ReceiptHeard, TextHeard, readable
from dispatch.domain.phones import in_e164
from dispatch.domain.replies import Command
from dispatch.selectors.clock import market_now
from dispatch.selectors.conversations import market_of
from dispatch.selectors.receipts import market_of_try
from dispatch.services.contacts import start_address, stop_address
from dispatch.services.inbound import keep_receipt, keep_text
from dispatch.services.receipts import note_receipt


def hear(told: Iterable[Heard]) -> None:
    """Take in what one call of a provider told."""
    for heard in told:
        if isinstance(heard, TextHeard):
            hear_text(heard)
        else:
            hear_receipt(heard)


@transaction.atomic
def hear_text(heard: TextHeard) -> None:
    """Keep a text; from the commit on nothing goes to a number that said STOP."""
    sender = readable(heard.sender)
    sender = in_e164(sender) or sender
    market_id = market_of(sender)
    now = market_now(market_id)
    text = replace(heard, sender=sender, body=readable(heard.body))
    command = keep_text(text, market_id=market_id, now=now)
    if command is Command.STOP:
        stop_address(Channel.TEXT, sender, command.value, now=now)
    elif command is Command.START:
        start_address(Channel.TEXT, sender, now=now)


@transaction.atomic
def hear_receipt(heard: ReceiptHeard) -> None:
    """Keep a receipt, and settle the message if it is known; else it is found when that is."""
    if not keep_receipt(heard):
        return
    market_id = market_of_try(heard.carrier, heard.provider_id)
    if market_id is not None:
        now = market_now(market_id)
        note_receipt(heard.carrier, heard.provider_id, heard.receipt, now=now)
