"""The audit trail: who did what to which row, written with the change itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor
from dispatch.models import AuditEntry


def note(by: Actor, verb: str, subject: str, subject_id: UUID, *, now: datetime) -> None:
    """Add one line: ``by`` did ``verb`` to the row ``subject_id`` of the kind ``subject``."""
    AuditEntry.objects.create(
        market_id=by.market_id,
        at=now,
        user_id=by.user_id,
        role=by.role.value,
        verb=verb,
        subject=subject,
        subject_id=subject_id,
    )


def note_recipient(market_id: UUID, verb: str, message_id: UUID, *, now: datetime) -> None:
    """Add one line for whoever opens a shared summary, through a signed link, without account."""
    AuditEntry.objects.create(
        market_id=market_id,
        at=now,
        role="recipient",
        verb=verb,
        subject="message",
        subject_id=message_id,
    )


def note_worker(
    market_id: UUID, verb: str, subject: str, subject_id: UUID, *, now: datetime
) -> None:
    """Add one line for what nobody did by hand."""
    AuditEntry.objects.create(
        market_id=market_id,
        at=now,
        role="worker",
        verb=verb,
        subject=subject,
        subject_id=subject_id,
    )


def note_companion(market_id: UUID, verb: str, request_id: UUID, *, now: datetime) -> None:
    """Add one line for a companion, who acts through a secret link and has no account."""
    AuditEntry.objects.create(
        market_id=market_id,
        at=now,
        role="companion",
        verb=verb,
        subject="companion_request",
        subject_id=request_id,
    )


def note_stranger(market_id: UUID, verb: str, user_id: UUID, *, now: datetime) -> None:
    """Add one line for whoever tried to be the user ``user_id``, and has not proven it."""
    AuditEntry.objects.create(
        market_id=market_id,
        at=now,
        role="stranger",
        verb=verb,
        subject="user",
        subject_id=user_id,
    )
