"""What became of the calls is written down, for those whose lease has not passed to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import delivering
from dispatch.carrying import Called, LineName, note_called
from dispatch.gateways.carriers import Busy, Refused
from dispatch.models import Message, MessageAttempt
from dispatch.models.clock import database_now
from dispatch.models.in_bulk import update_rows
from dispatch.selectors.receipts import kept_receipts
from dispatch.services.sending.beginning import Sending
from dispatch.services.sending.claiming import leased

NOT_CALLED = "not_called"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call: the provider's id of what it accepted, or the fault; neither
    where the lease would have ended before the call."""

    sending: Sending
    provider_id: str | None = None
    fault: Exception | None = None

    @property
    def outcome(self) -> str:
        """How the attempt says it."""
        if self.fault is None:
            return NOT_CALLED if self.provider_id is None else "accepted"
        known = next((kind for kind in (Refused, Busy) if isinstance(self.fault, kind)), None)
        return (known or type(self.fault)).__name__


@transaction.atomic
def settle(answers: Sequence[Answer], *, now: Mapping[UUID, datetime]) -> None:
    """Write all of it at once; ``now`` is by market.

    A message goes on only where its lease is still the one that was begun. Receipts that came
    before this commit were kept, and are settled with it.
    """
    clock = database_now()
    messages = {one.id: one for one in leased([one.sending.lease for one in answers])}
    attempts = _noted(answers, now)
    for answer in answers:
        message = messages.get(answer.sending.lease.message_id)
        if message is not None:
            _go_on(message, answer, clock, now[message.market_id])
    for attempt, receipt in kept_receipts(attempts.values()):
        if (message := messages.get(attempt.message_id)) is not None:
            delivering.take_receipt(message, attempt, receipt, now=now[message.market_id])
    update_rows(
        list(attempts.values()), ["settled_at", "outcome", "provider_id", "receipt", "receipt_at"]
    )
    delivering.save(list(messages.values()))
    note_called(_lines(answers), clock=clock)


def _noted(answers: Sequence[Answer], now: Mapping[UUID, datetime]) -> dict[UUID, MessageAttempt]:
    """The attempts as they are to be written; they were ours alone since they were begun."""
    return {
        answer.sending.attempt_id: MessageAttempt(
            id=answer.sending.attempt_id,
            message_id=answer.sending.lease.message_id,
            carrier=answer.sending.carrier.name,
            key=answer.sending.outgoing.key,
            settled_at=now[answer.sending.lease.market_id],
            outcome=answer.outcome,
            provider_id=answer.provider_id or "",
        )
        for answer in answers
    }


def _go_on(message: Message, answer: Answer, clock: datetime, now: datetime) -> None:
    if answer.provider_id is not None:
        delivering.accept(message, tells=answer.sending.carrier.tells, clock=clock, now=now)
    elif answer.fault is None:
        delivering.hand_back(message)
    elif isinstance(answer.fault, Refused):
        delivering.take_next_way(message, answer.outcome)
    else:
        delivering.try_later(message, answer.outcome, clock=clock, wait_s=_asked_wait_s(answer))


def _lines(answers: Sequence[Answer]) -> dict[LineName, Called]:
    """How each line answered; an address that is refused was answered, too."""
    lines: dict[LineName, Called] = {}
    for one in answers:
        if one.outcome != NOT_CALLED:
            name = LineName(one.sending.carrier.name, one.sending.channel)
            answered = one.fault is None or isinstance(one.fault, Refused)
            called = lines.get(name, Called())
            lines[name] = called.and_then(answered=answered, wait_s=_asked_wait_s(one))
    return lines


def _asked_wait_s(answer: Answer) -> float:
    return (isinstance(answer.fault, Busy) and answer.fault.wait_s) or 0.0
