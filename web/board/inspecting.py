"""What the inspector shows of a visit, put into words for its templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dispatch.domain.clock import local
from dispatch.domain.gates import Gate
from dispatch.domain.people import Role
from dispatch.domain.texts import window
from dispatch.domain.visit import ENDED, Status
from dispatch.selectors.history import Deed
from dispatch.selectors.inspection import Inspection, inspected
from dispatch.selectors.messages import MessageLine
from dispatch.selectors.visits import VisitDetail
from dispatch.selectors.wording import shut
from web.board.telling import PAGE, day_and_hour, language, said, told
from web.guarding import Visitor
from web.languages import words
from web.of_messages import because_of, of_message

LATEST = 3
"""Deeds that a conflict shows."""


@dataclass(frozen=True, slots=True)
class GateTold:
    gate: Gate
    name: str
    state: str
    resolver: str


@dataclass(frozen=True, slots=True)
class DeedTold:
    when: str
    what: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class TryTold:
    """``body`` and ``recipient`` are None for those whom they do not concern."""

    when: str
    recipient: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class MessageTold:
    id: UUID
    state: str
    what: str
    whom: str
    how: str
    when: str
    tries: tuple[TryTold, ...]


def context_of(visitor: Visitor, visit_id: UUID) -> dict[str, Any]:
    """Return what the templates of the inspector need. Raises NotFound."""
    shown = inspected(visitor.by, visit_id, now=visitor.now)
    visit, zone = shown.visit, shown.zone
    history = [_deed(one, zone) for one in shown.history]
    return {
        "words": words(PAGE),
        "shown": shown,
        "visit": visit,
        "acts": visitor.by.role is Role.DISPATCHER,
        "state": state_of(visit),
        "window": window_of(shown),
        "gates": [_gate(one) for one in visit.gates],
        "gates_matter": Status(visit.status) not in ENDED,
        "candidates": [told(one, zone, _nurse_of(visit)) for one in shown.candidates],
        "history": history,
        "latest": history[:LATEST],
        "messages": [_message(one, zone) for one in shown.messages],
    }


def state_of(visit: VisitDetail) -> str:
    """Say how the visit stands, and who has it."""
    status = said(f"status__{visit.status}")
    return status if visit.nurse is None else f"{status} · {visit.nurse.name}"


def window_of(shown: Inspection) -> str:
    """Say when the nurse comes, or when the patient would like her to, by the place's clocks."""
    asked = shown.visit.window
    start, end = local(asked.start, shown.zone), local(asked.end, shown.zone)
    return window(start, end, language())


def _nurse_of(visit: VisitDetail) -> UUID | None:
    return None if visit.nurse is None else visit.nurse.id


def _gate(one: Gate) -> GateTold:
    return GateTold(
        gate=one,
        name=said(f"gate__{one.name.value}"),
        state=said(f"gate_state__{one.state.value}"),
        resolver=said(f"who__{one.resolver.value}"),
    )


def _deed(one: Deed, zone: str) -> DeedTold:
    about = said(f"gate__{one.about}") if one.what in {"override", "take_back"} else one.about
    what = said(f"deed__{one.what}")
    role = said(f"who__{one.role}")
    return DeedTold(
        when=day_and_hour(one.at, zone),
        what=f"{what}: {about}" if about else what,
        who=f"{one.who} ({role})" if one.who else role,
        reason=one.reason,
    )


def _message(one: MessageLine, zone: str) -> MessageTold:
    how = [of_message(f"channel__{one.channel}")] if one.channel else []
    how += [of_message(f"receipt__{one.receipt}")] if one.receipt else []
    because = f" – {because_of(one.state_because)}" if one.state_because else ""
    return MessageTold(
        id=one.id,
        state=one.state,
        what=of_message(f"message__{one.kind}"),
        whom=said(f"who__{one.audience}"),
        how=" · ".join([of_message(f"message_state__{one.state}") + because, *how]),
        when=day_and_hour(one.sent_at or one.due_at, zone),
        tries=tuple(
            TryTold(
                day_and_hour(each.begun_at, zone), each.recipient, each.body and shut(each.body)
            )
            for each in one.tries
        ),
    )
