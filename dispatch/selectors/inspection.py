"""All that a dispatcher looks at before doing something about one visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor, Role
from dispatch.domain.visit import TRANSITIONS, Action, Status
from dispatch.selectors.access import visit_for
from dispatch.selectors.candidates import Candidate, candidates_for
from dispatch.selectors.expanding import KINDS, Expanded, expanded
from dispatch.selectors.history import Deed, history_of
from dispatch.selectors.messages import MessageLine, message_line, messages_seen_by
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.visits import VisitDetail, visit_seen_by

KNOWN_TO_ALL = ("nurse",)
"""Whom an administrator is told of; a dispatcher is told of everybody."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One visit with whom it is about, who could take it, and all that was done and written.

    ``candidates`` is empty, and ``may_go`` False, once nobody can take the visit any more.
    ``asked_nurse`` is the name of the nurse whom the patient asked for, if there is one.
    """

    visit: VisitDetail
    of: Expanded
    treatment: str
    zone: str
    asked_nurse: str
    may_go: bool
    may_end: bool
    candidates: tuple[Candidate, ...]
    history: tuple[Deed, ...]
    messages: tuple[MessageLine, ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """Who could take a visit, and what stands in the way of the others; see ``Inspection``."""

    visit: VisitDetail
    treatment: str
    zone: str
    asked_nurse: str
    may_go: bool
    candidates: tuple[Candidate, ...]


def inspected(by: Actor, visit_id: UUID, *, now: datetime) -> Inspection:
    """Return all of a visit. Raises NotFound."""
    placing = placing_of(by, visit_id, now=now)
    known = KINDS if by.role is Role.DISPATCHER else KNOWN_TO_ALL
    messages = messages_seen_by(by, visit_id).order_by("due_at", "id")
    return Inspection(
        visit=placing.visit,
        of=expanded(by, [placing.visit], known)[visit_id],
        treatment=placing.treatment,
        zone=placing.zone,
        asked_nurse=placing.asked_nurse,
        may_go=placing.may_go,
        may_end=_may(placing.visit, Action.CANCEL),
        candidates=placing.candidates,
        history=history_of(by, visit_id),
        messages=tuple(message_line(one, by) for one in messages),
    )


def placing_of(by: Actor, visit_id: UUID, *, now: datetime) -> Placing:
    """Return who could take the visit. Raises NotFound."""
    row, shown = visit_for(by, visit_id), visit_seen_by(by, visit_id, now=now)
    asked = row.asked_nurse
    may_go = _may(shown, Action.ASSIGN)
    return Placing(
        visit=shown,
        treatment=protocol_of(row.protocol_id).name,
        zone=row.location.zone,
        asked_nurse="" if asked is None else asked.name,
        may_go=may_go,
        candidates=candidates_for(row, now=now) if may_go else (),
    )


def _may(visit: VisitDetail, action: Action) -> bool:
    return (Status(visit.status), action) in TRANSITIONS
