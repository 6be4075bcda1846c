"""Sending our answers to texts: claim, (the provider,) settle – as messages are sent.

A claim leases one answer to one worker and looks whether the number still takes texts: after a stop
its confirmation alone goes there. The provider is called outside every transaction, with the
answer's id as key. An answer that comes too late would be about something else. On the provider's
line answers count as messages do, and wait as those where it takes no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from dispatch import agreeing, tasking
from dispatch.carrying import Called, LineName, admitted, note_called
from dispatch.domain.channels import Channel, Outgoing
from dispatch.domain.retrying import wait_after
from dispatch.domain.tasks import TaskKind
from dispatch.models import TextReply
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_indexes
from dispatch.selectors.conversations import is_stopped
from dispatch.selectors.due import replies_to_send
from dispatch.selectors.inbound_texts import reply_words

LEASE = timedelta(seconds=4)
"""Longer than a provider is waited for."""
MOST_TRIES = 8
LONGEST_WAIT = timedelta(minutes=5)
GOOD_FOR = timedelta(hours=6)
ON_STOPS = {"stopped": True, "started": False}
"""Answers that are true only while the number is stopped, or is not."""


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer that one worker is sending."""

    reply_id: UUID
    market_id: UUID
    token: UUID
    line: LineName
    outgoing: Outgoing


def claim_reply(carrier: str) -> Answering | None:
    """Lease the answer that has been due longest, and that may still go; None where there is none.

    ``carrier`` is the name of who will be asked to bring it.
    """
    while True:
        with transaction.atomic():
            agreeing.hold_for_sending()
            reply = _next()
            if reply is None:
                return None
            reason = _why_not(reply)
            if reason is not None:
                reply.state = reason
                reply.save(update_fields=["state"])
            elif _is_admitted(reply, LineName(carrier, Channel.TEXT)):
                return _leased(reply, carrier)


@transaction.atomic
def settle_reply(answering: Answering, provider_id: str) -> None:
    """Mark the answer as sent, unless somebody else's lease has taken it over meanwhile."""
    TextReply.objects.filter(id=answering.reply_id, lease_token=answering.token).update(
        state="sent", provider_id=provider_id, lease_token=None, lease_until=None
    )
    note_called({answering.line: Called((True,))}, clock=database_now())


@transaction.atomic
def put_off_reply(answering: Answering, *, final: bool, now: datetime, wait_s: float = 0.0) -> None:
    """Try again later, each time a little longer and not before ``wait_s``; give up where it is
    final, which is an answer of the provider's, or after MOST_TRIES."""
    clock = database_now()
    held = TextReply.objects.filter(id=answering.reply_id, lease_token=answering.token)
    reply = held.select_for_update().first()
    if reply is not None:
        if final or reply.attempts >= MOST_TRIES:
            reply.state = "dead"
            _tell_of(reply, now)
        _put_off(reply, clock, wait_s)
    note_called({answering.line: Called((final,), wait_s)}, clock=clock)


def _put_off(reply: TextReply, clock: datetime, wait_s: float) -> None:
    wait = wait_after(reply.attempts, longest=LONGEST_WAIT, asked_s=wait_s)
    reply.retry_at = clock + wait
    reply.lease_token = reply.lease_until = None
    reply.save(update_fields=["state", "retry_at", "lease_token", "lease_until"])


def _next() -> TextReply | None:
    due = replies_to_send().select_for_update(of=("self",), skip_locked=True)
    return due.select_related("text", "market").order_by("made_at").first()


def _why_not(reply: TextReply) -> str | None:
    """Return the state of an answer that must not go any more."""
    stopped = is_stopped(reply.text.sender)
    may_go = ON_STOPS.get(reply.template, False) is stopped
    in_time = database_now() - reply.made_at < GOOD_FOR
    return None if may_go and in_time else "withdrawn"


def _is_admitted(reply: TextReply, line: LineName) -> bool:
    """Whether the line takes one more now; else the answer waits until it may."""
    clock = database_now()
    admission = admitted({line: 1}, clock=clock)[line]
    if admission.count:
        return True
    reply.retry_at = clock + timedelta(seconds=admission.wait_s)
    reply.save(update_fields=["retry_at"])
    return False


def _leased(reply: TextReply, carrier: str) -> Answering:
    tried_before = reply.tried_at
    reply.attempts += 1
    reply.carrier = carrier
    reply.tried_at = tried_before or database_now()
    reply.lease_token, reply.lease_until = uuid4(), database_now() + LEASE
    reply.save(update_fields=["attempts", "carrier", "tried_at", "lease_token", "lease_until"])
    outgoing = Outgoing(
        key=str(reply.id),
        to=reply.text.sender,
        subject="",
        body=reply_words(reply),
        link=None,
        tried_since=tried_before,
        good_until=reply.lease_until,
        others=frozenset() if tried_before is None else _known_ids(reply, carrier),
    )
    line = LineName(carrier, Channel.TEXT)
    return Answering(reply.id, reply.market_id, reply.lease_token, line, outgoing)


def _known_ids(reply: TextReply, carrier: str) -> frozenset[str]:
    """The provider's ids of our other answers to this number: two of them may read alike."""
    told = TextReply.objects.filter(
        text__sender_index__in=blind_indexes(reply.text.sender), carrier=carrier
    )
    return frozenset(told.exclude(provider_id="").values_list("provider_id", flat=True))


def _tell_of(reply: TextReply, now: datetime) -> None:
    """A dispatcher hears of it, but not of a provider that keeps to a stop more strictly."""
    if reply.template == "stopped":
        return
    tasking.open_task(
        TaskKind.MESSAGE_UNDELIVERED,
        reply.id,
        market_id=reply.market_id,
        patient_id=reply.text.patient_id,
        visit_id=reply.text.visit_id,
        reason="An answer to a text could not be sent.",
        now=now,
    )
