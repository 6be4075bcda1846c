"""What speaks against a step of a visit just now: asked before it is told, and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.before_steps import GATED, missing_before
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.field_data import check_data
from dispatch.domain.field_events import EventType, FieldEvent, Told, read_told
from dispatch.domain.fields import FieldError
from dispatch.domain.gates import blocking
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit import ENDED, UNDER_WAY
from dispatch.models import Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.gates import gates_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.records import events_of, terms_of

BEFORE_THE_SHIFT = timedelta(hours=1)
"""How early a nurse may set out."""
MOST_EVENTS = 500
OUT = [status.value for status in UNDER_WAY if status not in ENDED]


@dataclass(frozen=True, slots=True)
class Against:
    """Closed gates with their reasons, codes of what is missing, and why it is not her turn."""

    gates: tuple[dict[str, str], ...]
    missing: tuple[str, ...]
    turn: str

    @property
    def is_nothing(self) -> bool:
        return not (self.gates or self.missing or self.turn)


def against(by: Actor, visit_id: UUID, step: object, waiting: object, *, now: datetime) -> Against:
    """Return what speaks against telling ``step``, an event as phones send them, at ``now``.

    ``waiting`` are events that the phone has not sent yet. Nothing is kept. Raises NotFound,
    Invalid for what cannot be read.
    """
    visit = visit_for(by, visit_id)
    if not isinstance(waiting, list) or len(waiting) > MOST_EVENTS:
        fault = Sentence("Send a list of at most {most} events.", most=MOST_EVENTS)
        raise Invalid({"waiting": fault})
    told, *unsent = [_read(visit, one) for one in (step, *waiting)]
    known = [*events_of(visit), *map(_as_kept, unsent)]
    departs = told.type is EventType.DEPART
    return Against(
        gates=tuple(gates_before(visit, told.type, now=now)),
        missing=tuple(missing_before(told, known, terms_of(visit))),
        turn=_turn(visit, now) if departs else "",
    )


def gates_before(visit: Visit, kind: EventType, *, now: datetime) -> Sequence[dict[str, str]]:
    """Return the closed gates before a step of this kind, with their reasons."""
    if kind not in GATED:
        return []
    closed = blocking(gates_of(visit, now=now))
    return [{"name": gate.name.value, "reason": gate.reason} for gate in closed]


def check_departure(visit: Visit, *, now: datetime) -> None:
    """A nurse sets out on the day of the shift, and from one patient at a time.

    Raises Conflict ``too_early`` or ``still_under_way``.
    """
    held = visit.reservation
    if held is None:
        return
    if now < held.shift.start_at - BEFORE_THE_SHIFT:
        raise Conflict("too_early", "The shift of this visit has not begun.")
    others = Visit.objects.filter(reservation__nurse_id=held.nurse_id, status__in=OUT)
    if others.exclude(id=visit.id).exists():
        raise Conflict("still_under_way", "The nurse is still at another visit.")


def _turn(visit: Visit, now: datetime) -> str:
    try:
        check_departure(visit, now=now)
    except Conflict as refusal:
        return refusal.code
    return ""


def _read(visit: Visit, entry: object) -> Told:
    try:
        told = read_told(entry, "event", visit.location.zone)
        check_data(told, protocol_of(visit.protocol_id), "event.data")
    except FieldError as fault:
        raise Invalid({fault.field: str(fault).removeprefix(f"{fault.field}: ")}) from fault
    return told


def _as_kept(told: Told) -> FieldEvent:
    return FieldEvent(told.id, told.type, told.at, told.data)
