"""Which messages of a batch are sent just now, to whom, and in which words."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from dispatch import agreeing, delivering, tasking
from dispatch.carrying import LineName, admitted
from dispatch.domain.channels import Channel, Outgoing, Way
from dispatch.domain.ids import new_id
from dispatch.domain.messages import Audience, Kind
from dispatch.domain.sending import TELL_OF_THE_START
from dispatch.domain.tasks import TaskKind
from dispatch.gateways.carriers import Carrier
from dispatch.models import Message, MessageAttempt, SharingConsent, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.judged import judged_now
from dispatch.selectors.situations import Facts, facts_of
from dispatch.selectors.wording import Words, words_of
from dispatch.services.sending.claiming import LEASE, Lease, leased
from dispatch.stopping import ends

log = logging.getLogger(__name__)

BLINK = timedelta(milliseconds=50)
"""After which a message is looked at again whose visit somebody else had, or before which another
one had to go."""
LOOK_AGAIN = timedelta(minutes=1)
"""How long a message that promises a nurse waits for one, each time."""

Carriers = Callable[[Channel], Carrier]


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that has been begun: what goes to whom, by whom, under which key."""

    lease: Lease
    attempt_id: UUID
    carrier: Carrier
    channel: Channel
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that may go out: by which way, and in which words."""

    message: Message
    way: Way
    words: Words


@transaction.atomic
def begin(
    leases: Sequence[Lease], *, carriers: Carriers, now: Mapping[UUID, datetime]
) -> tuple[Sending, ...]:
    """Write the attempts and return what to send, oldest first; ``now`` is by market.

    Left out is what has lost its lease or its reason, and what waits: for a nurse, for the
    morning, for the line, for whoever holds its visit, or for what tells the same person before
    it when the nurse comes. No visit is waited for.
    """
    agreeing.hold_for_sending()
    clock = database_now()
    free = locked_visits(one.visit_id for one in leases)
    ours = leased(leases, whole_at=clock)
    facts = facts_of(ours, locked_consents(ours))
    ready, telling = [], set[tuple[UUID, UUID]]()
    for message in sorted(ours, key=lambda one: (one.due_at, one.id)):
        told = (message.visit_id, message.person_id)
        tells = Kind(message.kind) in TELL_OF_THE_START
        if message.visit_id not in free or (tells and told in telling):
            delivering.look_again(message, clock + BLINK)
        elif (judged := _judged(message, facts, now[message.market_id], clock)) is not None:
            telling.update({told} if tells else ())
            ready.append(judged)
    going = _admitted(ready, carriers, clock)
    lease_of = {one.message_id: one for one in leases}
    sendings = [
        _begin(one, lease_of[one.message.id], facts, carriers(one.way.channel), clock)
        for one in going
    ]
    MessageAttempt.objects.bulk_create(
        _attempt(one, sending, now[one.message.market_id], clock)
        for one, sending in zip(going, sendings, strict=True)
    )
    delivering.save(ours)
    return tuple(sendings)


def locked_visits(ids: Iterable[UUID]) -> set[UUID]:
    """Lock, in id order, those of the visits that nobody else has; who is at one is let go on."""
    visits = Visit.objects.select_for_update(no_key=True, skip_locked=True).filter(id__in=set(ids))
    return set(visits.order_by("id").values_list("id", flat=True))


def locked_consents(messages: Iterable[Message]) -> set[UUID]:
    """Lock the consents that stand; waits for whoever takes one back, who waits for this."""
    shared = {one.person_id for one in messages if Audience(one.audience) is Audience.PROVIDER}
    if not shared:
        return set()
    standing = SharingConsent.objects.filter(id__in=shared, withdrawn_at__isnull=True)
    locked = standing.select_for_update(no_key=True).order_by("id")
    return set(locked.values_list("id", flat=True))


def _judged(message: Message, facts: Facts, now: datetime, clock: datetime) -> _Ready | None:
    """Return how the message goes out, or None: then it is told in its row what became of it.

    A fault puts off this message and no other.
    """
    try:
        if _is_held_up(message, facts, now, clock):
            return None
        return _worded(message, facts, now)
    except DatabaseError:
        raise
    except ends():
        raise
    except Exception as fault:
        log.exception("a message cannot be begun", extra={"message_id": str(message.id)})
        delivering.count_fault(message, type(fault).__name__, clock=clock, now=now)
        return None


def _is_held_up(message: Message, facts: Facts, now: datetime, clock: datetime) -> bool:
    """Whether it has lost its reason, waits, is a task for somebody of ours, or was tried so often
    without an end, as where a worker dies of it each time, that the next way is to be taken.

    One that may have gone out names the hour that it named then: by its words it is looked for.
    """
    judged = judged_now(message, facts, now)
    if judged.reason is not None:
        delivering.withdraw(message, judged.reason)
        return True
    if judged.waits:
        delivering.look_again(message, clock + LOOK_AGAIN)
        return True
    if judged.task is not None:
        _hand_to_staff(message, judged.task, facts.visits[message.visit_id], now)
        return True
    if judged.allowed_from > now:
        delivering.fall_due(message, judged.allowed_from)
        return True
    if message.attempts >= delivering.MOST_TRIES:
        delivering.take_next_way(message, "unsettled")
        return True
    if facts.tried_since(message) is None:
        message.named_start = judged.start
    return False


def _hand_to_staff(message: Message, task: TaskKind, visit: Visit, now: datetime) -> None:
    tasking.open_task(
        task,
        visit.id,
        market_id=visit.market_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        now=now,
    )
    message.channel = "task"
    delivering.accept(message, tells=False, clock=now, now=now)


def _worded(message: Message, facts: Facts, now: datetime) -> _Ready | None:
    way = facts.way(message)
    if way is None:
        delivering.give_up(message, message.state_because or "no_way", now=now)
        return None
    visit, language = facts.visits[message.visit_id], facts.reach[message.person_id].language
    return _Ready(message, way, words_of(visit, message, language, way.channel))


def _admitted(ready: Sequence[_Ready], carriers: Carriers, clock: datetime) -> list[_Ready]:
    """Those that the lines can take now; the others wait, one behind the other."""
    lines = [LineName(carriers(one.way.channel).name, one.way.channel) for one in ready]
    admissions = admitted(Counter(lines), clock=clock)
    going, seen = [], Counter[LineName]()
    for one, line in zip(ready, lines, strict=True):
        behind = seen[line] - admissions[line].count
        seen[line] += 1
        if behind < 0:
            going.append(one)
        else:
            wait_s = admissions[line].wait_s + behind * admissions[line].apart_s
            delivering.look_again(one.message, clock + min(timedelta(seconds=wait_s), LOOK_AGAIN))
    return going


def _begin(one: _Ready, lease: Lease, facts: Facts, carrier: Carrier, clock: datetime) -> Sending:
    message = one.message
    message.attempts += 1
    message.channel = one.way.channel.value
    message.lease_until = good_until = clock + LEASE
    outgoing = Outgoing(
        key=message.key,
        to=one.way.address,
        subject=one.words.subject,
        body=one.words.body,
        link=one.words.link,
        tried_since=facts.tried_since(message),
        good_until=good_until,
    )
    return Sending(lease, new_id(), carrier, one.way.channel, outgoing)


def _attempt(one: _Ready, sending: Sending, now: datetime, clock: datetime) -> MessageAttempt:
    return MessageAttempt(
        id=sending.attempt_id,
        market_id=one.message.market_id,
        message=one.message,
        begun_at=now,
        tried_at=clock,
        channel=sending.channel.value,
        carrier=sending.carrier.name,
        key=sending.outgoing.key,
        recipient=sending.outgoing.to,
        subject=sending.outgoing.subject,
        body=sending.outgoing.body,
    )
