"""How a message goes on: the only code that leads it to its next try, its next way or its end.

Every function changes a locked row in memory; ``save`` writes them all. A message is *due* until a
carrier has accepted it, then *sent*; where no receipt comes, or a bad one, it is due again by the
next way to the person. It ends *withdrawn* where its reason has gone, and *dead* after the last
way: then somebody has a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatch import tasking
from dispatch.domain.channels import Receipt
from dispatch.domain.retrying import wait_after
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message, MessageAttempt
from dispatch.models.in_bulk import update_rows

MOST_TRIES = 10
"""By one way; after them the next one is taken."""
LONGEST_WAIT = timedelta(minutes=10)
RECEIPT_WITHIN = timedelta(minutes=15)
OF_NO_CONSEQUENCE = frozenset({"feedback"})
"""Kinds that go one way only, and whose loss nobody is told of."""

FIELDS = (
    "state", "state_because", "due_at", "attempts", "retry_at", "lease_token", "lease_until",
    "sent_at", "named_start", "step", "channel", "receipt", "receipt_by",
)  # fmt: skip


def save(messages: Sequence[Message]) -> None:
    """Write what has become of them, with one statement."""
    update_rows(messages, FIELDS)


def release(message: Message) -> None:
    """Give the lease back."""
    message.lease_token = message.lease_until = None


def withdraw(message: Message, reason: str) -> None:
    """The reason has gone; what was accepted by another way before stays sent."""
    message.state = "withdrawn" if message.sent_at is None else "sent"
    message.state_because = reason
    release(message)


def look_again(message: Message, at: datetime) -> None:
    """Nothing was tried; by the database's clock it is looked at again then."""
    message.retry_at = at
    release(message)


def hand_back(message: Message) -> None:
    """It was begun and not called: that was no try, and somebody else may have it at once."""
    message.attempts -= 1
    message.retry_at = None
    release(message)


def fall_due(message: Message, at: datetime) -> None:
    """It is due later, by the market's clock: at night nobody is disturbed."""
    message.due_at, message.retry_at = at, None
    release(message)


def accept(message: Message, *, tells: bool, clock: datetime, now: datetime) -> None:
    """A carrier has taken it; where that one ``tells``, a receipt is waited for."""
    waits = tells and message.kind not in OF_NO_CONSEQUENCE
    message.state, message.state_because = "sent", ""
    message.sent_at = message.sent_at or now
    message.receipt = "" if tells else Receipt.DELIVERED.value
    message.receipt_by = clock + RECEIPT_WITHIN if waits else None
    message.retry_at = None
    release(message)


def count_fault(message: Message, fault: str, *, clock: datetime, now: datetime) -> None:
    """It could not be begun: another way would not help, so after MOST_TRIES that was it."""
    message.attempts += 1
    if message.attempts >= MOST_TRIES:
        give_up(message, fault, now=now)
    else:
        try_later(message, fault, clock=clock)


def try_later(message: Message, fault: str, *, clock: datetime, wait_s: float = 0.0) -> None:
    """Try again, each time a little later and not before ``wait_s``; on by the next way after
    MOST_TRIES by this one."""
    if message.attempts >= MOST_TRIES:
        take_next_way(message, fault)
        return
    message.state_because = fault
    wait = wait_after(message.attempts, longest=LONGEST_WAIT, asked_s=wait_s)
    look_again(message, clock + wait)


def take_next_way(message: Message, because: str) -> None:
    """Have it judged again at once, and sent by the next way if it still has its reason."""
    message.state, message.state_because = "due", because
    if message.kind in OF_NO_CONSEQUENCE:
        message.state = "dead"
    message.step += 1
    message.attempts = 0
    message.retry_at = message.receipt_by = None
    release(message)


def give_up(message: Message, because: str, *, now: datetime) -> None:
    """No way is left: a person has to tell them."""
    message.state, message.state_because = "dead", because
    message.receipt_by = None
    release(message)
    if message.kind in OF_NO_CONSEQUENCE:
        return
    tasking.open_task(
        TaskKind.MESSAGE_UNDELIVERED,
        message.id,
        market_id=message.market_id,
        visit_id=message.visit_id,
        reason=message.kind,
        now=now,
    )


def take_receipt(
    message: Message, attempt: MessageAttempt, receipt: Receipt, *, now: datetime
) -> None:
    """Settle what the provider told, in whatever order it tells: delivered is never undone."""
    if attempt.receipt == Receipt.DELIVERED.value:
        return
    attempt.receipt, attempt.receipt_at = receipt.value, now
    if receipt is Receipt.DELIVERED:
        _delivered(message, now)
    elif message.state == "sent" and not message.receipt and attempt.key == message.key:
        take_next_way(message, receipt.value)


def _delivered(message: Message, now: datetime) -> None:
    """It arrived, whatever was thought of it; a try by another way under way settles nothing."""
    message.receipt, message.receipt_by = Receipt.DELIVERED.value, None
    if message.state == "dead":
        tasking.close_task(
            TaskKind.MESSAGE_UNDELIVERED, message.id, by=None, outcome="It arrived.", now=now
        )
    if message.state in {"due", "dead"}:
        message.state, message.state_because = "sent", ""
        message.sent_at = message.sent_at or now
        release(message)
