"""Who did what to a visit and when: from the audit trail, the assignments and the steps of the day.

What a nurse measured or why a visit was broken off is not told here, whoever asks: that something
happened is, and when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from dispatch.domain.people import Actor, Role
from dispatch.models import (
    Assignment,
    AuditEntry,
    CompanionRequest,
    GateOverride,
    Message,
    Nurse,
    User,
    Visit,
)
from dispatch.selectors.access import visit_for

STEPS = (
    "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at",
    "completed_at",
)  # fmt: skip
"""Of a visit, in the order in which they follow."""
TOLD_ELSEWHERE = (
    "read", "denied", "assign", "depart", "arrive", "start-infusion", "end-infusion", "discharge",
    "complete",
)  # fmt: skip
"""Looks are no deeds; each assignment has a row of its own, and each of ``STEPS`` its column."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, by its verb; ``who`` is a name, empty for patients, for companions and for
    workers: ``role`` tells. ``about`` is a nurse's name or a gate's."""

    at: datetime
    what: str
    role: str
    who: str
    about: str = ""
    reason: str = ""


def history_of(by: Actor, visit_id: UUID) -> tuple[Deed, ...]:
    """Return what was done to a visit, the last first, in a fixed number of queries.

    Reasons are told to whom the visit is. Raises NotFound.
    """
    visit = visit_for(by, visit_id)
    deeds = [*_from_trail(visit), *_assignments(visit), *_steps(visit)]
    return tuple(sorted(deeds, key=lambda one: one.at)[::-1])


def _from_trail(visit: Visit) -> Iterator[Deed]:
    overrides = {one.id: one for one in GateOverride.objects.filter(visit=visit)}
    asked = CompanionRequest.objects.filter(visit=visit).values("id")
    messages = Message.objects.filter(visit=visit).values("id")
    entries = AuditEntry.objects.filter(
        Q(subject="visit", subject_id=visit.id)
        | Q(subject="gate_override", subject_id__in=list(overrides))
        | Q(subject="companion_request", subject_id__in=asked)
        | Q(subject="message", verb="send_again", subject_id__in=messages),
        market_id=visit.market_id,
    ).exclude(verb__in=TOLD_ELSEWHERE)
    rows = list(entries.order_by("number"))
    names = _names({row.user_id for row in rows if row.user_id is not None})
    for row in rows:
        override = None if row.subject_id is None else overrides.get(row.subject_id)
        yield Deed(
            at=row.at,
            what=row.verb,
            role=row.role,
            who="" if row.user_id is None else names[row.user_id],
            about="" if override is None else override.gate,
            reason=_reason(row, override, visit),
        )


def _reason(row: AuditEntry, override: GateOverride | None, visit: Visit) -> str:
    """What the desk wrote; why a patient called off may be told of their health."""
    if row.verb == "override" and override is not None:
        return override.reason
    by_desk = row.role == Role.DISPATCHER.value
    return visit.ended_because if row.verb == "cancel" and by_desk else ""


def _assignments(visit: Visit) -> Iterator[Deed]:
    given = Assignment.objects.filter(visit=visit).select_related("nurse", "assigned_by")
    rows = list(given.order_by("since", "id"))
    names = _names({row.assigned_by_id for row in rows if row.assigned_by_id is not None})
    for row in rows:
        hand = row.assigned_by
        yield Deed(
            at=row.since,
            what="assign",
            role="worker" if hand is None else hand.role,
            who="" if row.assigned_by_id is None else names[row.assigned_by_id],
            about=row.nurse.name,
            reason=row.reason,
        )


def _steps(visit: Visit) -> Iterator[Deed]:
    held = visit.reservation
    nurse = "" if held is None else held.nurse.name
    for name in STEPS:
        at: datetime | None = getattr(visit, name)
        if at is not None:
            yield Deed(at, name.removesuffix("_at"), "nurse", nurse)


def _names(user_ids: set[UUID]) -> dict[UUID, str]:
    """Nurses by their names, the desk by what they sign in with; patients by their role alone."""
    users = User.objects.filter(id__in=user_ids).select_related("nurse")
    return {user.id: _name(user) for user in users}


def _name(user: User) -> str:
    if user.role == Role.PATIENT.value:
        return ""
    nurse: Nurse | None = getattr(user, "nurse", None)
    return user.username if nurse is None else nurse.name
