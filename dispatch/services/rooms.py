"""Opening the rooms of consults: claim, (the provider,) settle – as messages are sent.

A claim leases consults without a room to one worker. The provider is called outside every
transaction, with the consult's id as key, and the link is written if the lease is still the one
that was claimed and the consult still stands. It is tried until the consult would be over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from dispatch import tasking
from dispatch.domain.consults import ConsultState
from dispatch.domain.retrying import wait_after
from dispatch.domain.tasks import TaskKind
from dispatch.models import Consult
from dispatch.models.clock import database_now
from dispatch.selectors.due import rooms_to_open

LEASE = timedelta(seconds=8)
"""Longer than a provider is waited for."""
BATCH = 1
"""One at a time: what waits behind a provider that hangs would outlive its lease."""
LONGEST_WAIT = timedelta(minutes=10)
TOLD_AFTER = 5
"""After so many tries in vain a dispatcher is told."""


@dataclass(frozen=True, slots=True)
class Room:
    """A consult whose room one worker is opening."""

    consult_id: UUID
    market_id: UUID
    starts_at: datetime
    token: UUID

    @property
    def key(self) -> str:
        return str(self.consult_id)


@transaction.atomic
def claim_rooms() -> tuple[Room, ...]:
    """Lease consults that have no room yet and that nobody else has."""
    due = rooms_to_open().select_for_update(of=("self",), skip_locked=True).order_by("asked_at")
    rows = list(due[:BATCH])
    token = uuid4()
    Consult.objects.filter(id__in=[row.id for row in rows]).update(
        lease_token=token, lease_until=database_now() + LEASE, attempts=F("attempts") + 1
    )
    return tuple(Room(row.id, row.market_id, row.starts_at, token) for row in rows)


@transaction.atomic
def settle_opened(room: Room, link: str, *, now: datetime) -> None:
    """Write the link, unless somebody else's lease has taken over or the consult is called off."""
    opened = Consult.objects.filter(
        id=room.consult_id, lease_token=room.token, state=ConsultState.ASKED.value
    ).update(
        state=ConsultState.READY.value, link=link,
        retry_at=None, lease_token=None, lease_until=None,
    )  # fmt: skip
    if opened:
        tasking.close_task(TaskKind.ROOM_MISSING, room.consult_id, by=None, now=now)


@transaction.atomic
def settle_failed(room: Room, *, now: datetime) -> None:
    """Try again later, each time a little longer; after some tries tell a dispatcher."""
    consult = (
        Consult.objects.select_for_update()
        .filter(id=room.consult_id, lease_token=room.token, state=ConsultState.ASKED.value)
        .first()
    )
    if consult is None:
        return
    wait = wait_after(consult.attempts, longest=LONGEST_WAIT)
    consult.retry_at = database_now() + wait
    consult.lease_token = consult.lease_until = None
    consult.save(update_fields=["retry_at", "lease_token", "lease_until"])
    if consult.attempts >= TOLD_AFTER:
        tasking.open_task(
            TaskKind.ROOM_MISSING,
            consult.id,
            market_id=consult.market_id,
            patient_id=consult.patient_id,
            reason="The video provider has not opened the room yet; it is tried again.",
            now=now,
        )
