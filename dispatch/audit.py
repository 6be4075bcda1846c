"""The audit trail: who did or saw what, written with the change itself and signed as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from prometheus_client import Counter

from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.trail import Entry, mac_of
from dispatch.models import AuditEntry
from dispatch.models.trail import signing_key

READ, DENIED = "read", "denied"
UNWRITTEN = Counter(
    "dispatch_looks_unwritten", "Looks of nurses that the audit trail lacks.", registry=None
)
"""Of this process; which ones they are stands in its log."""


def note(by: Actor, verb: str, subject: str, subject_id: UUID, *, now: datetime) -> None:
    """Add one line: ``by`` did ``verb`` to the row ``subject_id`` of the kind ``subject``."""
    _add(by.market_id, now, by.user_id, by.role.value, verb, "", subject, subject_id)


def read(
    by: Actor,
    operation: str,
    subject: str,
    subject_id: UUID | None,
    *,
    shown: int | None = None,
    now: datetime,
) -> None:
    """Add one line: ``by`` was shown so many rows by an operation, e.g. ``GET VisitDetail``."""
    who = by.market_id, now, by.user_id, by.role.value
    _add(*who, READ, operation, subject, subject_id, shown)


def deny(
    by: Actor, operation: str, subject: str, subject_id: UUID | None, *, now: datetime
) -> None:
    """Add one line: ``by`` tried an operation, and was not let through."""
    _add(by.market_id, now, by.user_id, by.role.value, DENIED, operation, subject, subject_id)


def read_by_link(
    market_id: UUID, role: str, operation: str, subject: str, subject_id: UUID, *, now: datetime
) -> None:
    """Add one line for whoever opens a page through a secret link, without account."""
    _add(market_id, now, None, role, READ, operation, subject, subject_id, 1)


def note_recipient(market_id: UUID, verb: str, message_id: UUID, *, now: datetime) -> None:
    """Add one line for whoever opens a shared summary, through a signed link, without account."""
    _add(market_id, now, None, "recipient", verb, "", "message", message_id)


def note_worker(
    market_id: UUID, verb: str, subject: str, subject_id: UUID, *, now: datetime
) -> None:
    """Add one line for what nobody did by hand."""
    _add(market_id, now, None, "worker", verb, "", subject, subject_id)


def note_companion(market_id: UUID, verb: str, request_id: UUID, *, now: datetime) -> None:
    """Add one line for a companion, who acts through a secret link and has no account."""
    _add(market_id, now, None, "companion", verb, "", "companion_request", request_id)


def note_stranger(market_id: UUID, verb: str, user_id: UUID, *, now: datetime) -> None:
    """Add one line for whoever tried to be the user ``user_id``, and has not proven it."""
    _add(market_id, now, None, "stranger", verb, "", "user", user_id)


def _add(*told: Any) -> None:
    """Write an entry, told as the fields of ``Entry`` after its id."""
    entry = Entry(new_id(), *told)
    columns = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    AuditEntry.objects.create(mac=mac_of(entry, signing_key().secret), **columns)
