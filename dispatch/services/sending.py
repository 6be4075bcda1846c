"""Sending what is due: claim, begin, (the provider,) settle – three short transactions.

A claim leases due rows to one worker. ``begin`` takes the visit's lock, the one that cancelling
takes, looks whether the message still has its reason, and writes the attempt. Then the provider
is called, outside every transaction, with the message's id as key. ``settle`` marks the message
if the lease is still the one that was begun. A worker that dies anywhere leaves a lease that
runs out; the next one repeats the call under the same key.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from dispatch import tasking
from dispatch.domain.channels import Channel, Outgoing
from dispatch.domain.messages import Audience, Kind
from dispatch.domain.sending import Situation, start_to_name, waits_for_a_nurse, why_not
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Status
from dispatch.models import Message, MessageAttempt, SharingConsent, Visit
from dispatch.models.clock import DATABASE_CLOCK, MARKET_CLOCK, database_now
from dispatch.selectors.companions import answer_now
from dispatch.selectors.contacts import reach_of
from dispatch.selectors.messages import told_start
from dispatch.selectors.needs import is_met
from dispatch.selectors.wording import need_of, spoken, task_of, words_of

LEASE = timedelta(seconds=4)
"""Longer than a provider is waited for, shorter than people would notice."""
BATCH = 10
MOST_TRIES = 10
LONGEST_WAIT = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=1)
"""How long a message that promises a nurse waits for one, each time."""


@dataclass(frozen=True, slots=True)
class Lease:
    message_id: UUID
    market_id: UUID
    token: UUID


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that has been begun: what goes to whom, under which key."""

    lease: Lease
    attempt_id: UUID
    channel: Channel
    outgoing: Outgoing


@transaction.atomic
def claim_due() -> tuple[Lease, ...]:
    """Lease up to BATCH messages that are due and that nobody else has."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=DATABASE_CLOCK)
    ready = Q(retry_at__isnull=True) | Q(retry_at__lte=DATABASE_CLOCK)
    rows = list(
        Message.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(free, ready, state="due", due_at__lte=MARKET_CLOCK)
        .order_by("due_at")
        .values_list("id", "market_id")[:BATCH]
    )
    token = uuid4()
    Message.objects.filter(id__in=[message_id for message_id, _ in rows]).update(
        lease_token=token, lease_until=database_now() + LEASE
    )
    return tuple(Lease(message_id, market_id, token) for message_id, market_id in rows)


@transaction.atomic
def begin(lease: Lease, *, now: datetime) -> Sending | None:
    """Write the attempt and return what to send; None where reason, lease or nurse have gone."""
    visit = _locked_visit(lease.message_id)
    message = _leased(lease)
    if message is None or _ran_out(message):
        return None
    kind, need = Kind(message.kind), need_of(visit, message.template)
    situation = replace(_situation(visit, message), need_met=is_met(need, visit, now=now))
    reason = why_not(kind, need, situation, now)
    if reason is not None:
        message.state, message.state_because = "withdrawn", reason
        message.save(update_fields=["state", "state_because"])
        return None
    if (task := task_of(visit, message.template)) is not None:
        _put_on_list(message, visit, task, now)
        return None
    if waits_for_a_nurse(kind, situation):
        _wait(message)
        return None
    person = (Audience(message.audience), message.person_id)
    reach = reach_of([person]).get(message.person_id)
    if reach is None or message.step >= len(reach.ways):
        _no_way(message, now)
        return None
    start = start_to_name(kind, situation)
    message.named_start = None if start is None else spoken(start)
    words, way = words_of(visit, message, reach.language), reach.ways[message.step]
    message.attempts += 1
    message.channel = way.channel.value
    message.lease_until = database_now() + LEASE
    message.save(update_fields=["attempts", "channel", "lease_until", "named_start"])
    outgoing = Outgoing(
        key=_key(message),
        to=way.address,
        subject=words.subject,
        body=words.body,
        link=words.link,
        tried_since=_tried_since(message),
        good_until=message.lease_until,
    )
    attempt = MessageAttempt.objects.create(
        market_id=visit.market_id,
        message=message,
        begun_at=now,
        tried_at=database_now(),
        channel=way.channel.value,
        key=outgoing.key,
        recipient=outgoing.to,
        subject=outgoing.subject,
        body=outgoing.body,
    )
    return Sending(lease, attempt.id, way.channel, outgoing)


@transaction.atomic
def settle_sent(sending: Sending, provider_id: str, *, now: datetime) -> None:
    """Mark the message as sent, unless somebody else's lease has taken it over meanwhile."""
    MessageAttempt.objects.filter(id=sending.attempt_id).update(
        settled_at=now, outcome="accepted", provider_id=provider_id
    )
    Message.objects.filter(id=sending.lease.message_id, lease_token=sending.lease.token).update(
        state="sent", state_because="", sent_at=now, lease_token=None, lease_until=None
    )


@transaction.atomic
def settle_failed(sending: Sending, error: Exception, *, final: bool, now: datetime) -> None:
    """Note the fault and try again later, each time a little longer; give up after MOST_TRIES."""
    fault = type(error).__name__
    MessageAttempt.objects.filter(id=sending.attempt_id).update(settled_at=now, outcome=fault)
    message = _leased(sending.lease)
    if message is not None:
        _try_later(message, fault, final=final)


@transaction.atomic
def put_off(lease: Lease, error: Exception) -> None:
    """Note that the message could not even be begun, so that it lets the others pass."""
    message = _leased(lease)
    if message is not None:
        message.attempts += 1
        _try_later(message, type(error).__name__, final=False)


def _put_on_list(message: Message, visit: Visit, task: TaskKind, now: datetime) -> None:
    """What falls due for staff is a task of theirs, and no carrier is called."""
    tasking.open_task(
        task,
        visit.id,
        market_id=visit.market_id,
        patient_id=visit.patient_id,
        visit_id=visit.id,
        now=now,
    )
    message.state, message.sent_at, message.channel = "sent", now, "task"
    message.lease_token = message.lease_until = None
    message.save(update_fields=["state", "sent_at", "channel", "lease_token", "lease_until"])


def _no_way(message: Message, now: datetime) -> None:
    """Nobody can be reached by any channel: a person has to."""
    message.state, message.state_because = "dead", "no_way"
    message.save(update_fields=["state", "state_because"])
    tasking.open_task(
        TaskKind.MESSAGE_UNDELIVERED,
        message.id,
        market_id=message.market_id,
        visit_id=message.visit_id,
        reason=message.kind,
        now=now,
    )


def _key(message: Message) -> str:
    """One key a way: what went by another way is another message."""
    return str(message.id) if not message.step else f"{message.id}.{message.step}"


def _tried_since(message: Message) -> datetime | None:
    """When a try under this key was begun of which nobody knows what became of it."""
    unknown = MessageAttempt.objects.filter(message=message, key=_key(message))
    first = unknown.exclude(outcome="accepted").order_by("tried_at").first()
    return None if first is None else first.tried_at


def _wait(message: Message) -> None:
    message.retry_at = database_now() + LOOK_AGAIN
    message.lease_token = message.lease_until = None
    message.save(update_fields=["retry_at", "lease_token", "lease_until"])


def _try_later(message: Message, fault: str, *, final: bool) -> None:
    if final or message.attempts >= MOST_TRIES:
        message.state, message.state_because = "dead", fault
    wait = min(timedelta(seconds=2**message.attempts), LONGEST_WAIT)
    message.retry_at = database_now() + wait * random.uniform(0.5, 1)  # noqa: S311 - jitter
    message.lease_token = message.lease_until = None
    message.save(
        update_fields=[
            "state", "state_because", "attempts", "retry_at", "lease_token", "lease_until",
        ]
    )  # fmt: skip


def _locked_visit(message_id: UUID) -> Visit:
    """Lock, then read: what is joined to a row that had to be waited for is as it was before."""
    Visit.objects.select_for_update(of=("self",), no_key=True).get(messages=message_id)
    related = Visit.objects.select_related(
        "location", "patient", "companion", "market", "reservation"
    )
    return related.get(messages=message_id)


def _leased(lease: Lease) -> Message | None:
    return (
        Message.objects.select_for_update()
        .filter(id=lease.message_id, lease_token=lease.token, state="due")
        .first()
    )


def _ran_out(message: Message) -> bool:
    """Others may have it by now: a lease is begun before it ends, and is then whole again."""
    return message.lease_until is None or message.lease_until < database_now()


def _situation(visit: Visit, message: Message) -> Situation:
    return Situation(
        status=Status(visit.status),
        treated=visit.infusion_started_at is not None,
        window_start=visit.window_start,
        moves=visit.moves,
        planned_after=message.move,
        companion_named=visit.companion_id is not None,
        answer=answer_now(visit),
        right_person=_of_consent(message)
        or message.person_id in {visit.patient_id, visit.companion_id},
        has_nurse=visit.reservation_id is not None,
        window_end=visit.window_end,
        consent_withdrawn=_of_consent(message) and not _agreed(message),
        expected=None if visit.reservation is None else visit.reservation.start_at,
        told=told_start(message),
    )


def _of_consent(message: Message) -> bool:
    return Audience(message.audience) is Audience.PROVIDER


def _agreed(message: Message) -> bool:
    """Whether the consent stands; waits for whoever is taking it back, who waits for this."""
    standing = SharingConsent.objects.filter(id=message.person_id, withdrawn_at__isnull=True)
    return standing.select_for_update(no_key=True).first() is not None
