"""One visit as its patient sees it: what is next, what it waits for, what it costs to let it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.channels import Language
from dispatch.domain.clock import local
from dispatch.domain.errors import NotFound
from dispatch.domain.gates import STAND_BEFORE, Gate, blocking
from dispatch.domain.messages import Audience
from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import ENDED, ON_ROUTE, TRANSITIONS, Action, Status
from dispatch.models import Licence, Message, Visit
from dispatch.selectors.companions import answer_now
from dispatch.selectors.fees import free_until, owed_cents
from dispatch.selectors.messages import heard
from dispatch.selectors.needs import questions_open
from dispatch.selectors.own_steps import Step, preparation_of, steps_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.screening import questions_of
from dispatch.selectors.visits import VisitDetail, visit_seen_by, visits_seen_by
from dispatch.selectors.wording import spoken

NEAR = timedelta(hours=6)
"""So long before its window things happen to a visit that its patient waits for."""


@dataclass(frozen=True, slots=True)
class OwnNurse:
    """Who comes: licensed in the ``state`` of the place, empty where not to the visit's end."""

    name: str
    state: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnCompanion:
    """What somebody has to do, who was named and what they answered; empty where nobody was."""

    duty: str
    name: str
    answer: str


@dataclass(frozen=True, slots=True)
class OwnMessage:
    kind: str
    channel: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """Times are by the clocks of the place. ``expected`` is the live start, once there is one.

    ``waits`` are the gates that are closed; ``questions_from`` is None where none are asked.
    ``owed_cents`` is what calling off costs now, ``free_until`` until when it costs nothing.
    ``near``: what is shown may change any moment.
    """

    visit: VisitDetail
    treatment: str
    address: str
    window_start: datetime
    window_end: datetime
    expected: datetime | None
    nurse: OwnNurse | None
    companion: OwnCompanion | None
    waits: tuple[Gate, ...]
    questions_from: datetime | None
    questions_open: bool
    preparation: tuple[Step, ...]
    steps: tuple[Step, ...]
    messages: tuple[OwnMessage, ...]
    infusions: int | None
    may_move: bool
    may_cancel: bool
    owed_cents: int
    free_until: datetime | None
    ended: bool
    near: bool
    office_phone: str


def own_visit(by: Actor, visit_id: UUID, language: Language, *, now: datetime) -> OwnVisit:
    """Return the patient's visit. Raises NotFound."""
    visit = _visit_of(by, visit_id)
    detail, protocol = visit_seen_by(by, visit_id, now=now), protocol_of(visit.protocol_id)
    status, zone = Status(visit.status), visit.location.zone
    service = timedelta(seconds=protocol.service_s)
    asked = questions_of(visit, end=visit.window_end + service)
    to_come = status in STAND_BEFORE
    free = free_until(visit)
    return OwnVisit(
        visit=detail,
        treatment=protocol.name,
        address=visit.location.address,
        window_start=local(visit.window_start, zone),
        window_end=local(visit.window_end, zone),
        expected=live_start(visit),
        nurse=_nurse(visit),
        companion=_companion(visit, protocol),
        waits=blocking(detail.gates) if to_come else (),
        questions_from=local(asked.asked_from, zone) if to_come and asked.questions else None,
        questions_open=to_come and questions_open(visit, now),
        preparation=preparation_of(visit, language, now=now),
        steps=steps_of(visit, now=now),
        messages=_messages(visit),
        infusions=None if visit.series is None else visit.series.planned,
        may_move=(status, Action.RESCHEDULE) in TRANSITIONS,
        may_cancel=(status, Action.CANCEL) in TRANSITIONS,
        owed_cents=owed_cents(visit, now),
        free_until=None if free is None or free <= now else local(free, zone),
        ended=status in ENDED,
        near=status not in ENDED and visit.window_start - NEAR <= now,
        office_phone=visit.market.office_phone,
    )


def live_start(visit: Visit) -> datetime | None:
    """Return when the nurse is expected: on her way, or else where that is after the window."""
    held, status = visit.reservation, Status(visit.status)
    if held is None or status not in {Status.ASSIGNED, Status.EN_ROUTE}:
        return None
    if status is Status.ASSIGNED and held.start_at <= visit.window_end:
        return None
    return local(spoken(held.start_at), visit.location.zone)


def _visit_of(by: Actor, visit_id: UUID) -> Visit:
    rows = visits_seen_by(by, id=visit_id).select_related(
        "location", "protocol", "reservation__nurse", "market", "series", "companion"
    )
    visit = rows.first()
    if visit is None:
        raise NotFound("visit")
    return visit


def _nurse(visit: Visit) -> OwnNurse | None:
    """Nobody before the visit is assigned: until then it may be another."""
    if visit.reservation is None or Status(visit.status) not in ON_ROUTE:
        return None
    nurse = visit.reservation.nurse
    valid = {"valid_from__lte": visit.window_start, "valid_until__gte": visit.window_end}
    state = visit.location.state
    licensed = Licence.objects.filter(nurse=nurse, code=state, **valid).exists()
    codes = nurse.certificates.filter(**valid).values_list("code", flat=True)
    return OwnNurse(nurse.name, state if licensed else "", tuple(sorted(set(codes))))


def _companion(visit: Visit, protocol: Protocol) -> OwnCompanion | None:
    duty = protocol.companion_rule(LocationKind(visit.location.kind))
    if duty is None:
        return None
    named = "" if visit.companion is None else visit.companion.name
    answer = answer_now(visit) if named else None
    return OwnCompanion(duty.value, named, "" if answer is None else answer.value)


def _messages(visit: Visit) -> tuple[OwnMessage, ...]:
    """What went out to the patient; where, and in which words, stands with the messages alone."""
    theirs = Message.objects.filter(visit=visit, audience=Audience.PATIENT.value)
    sent = heard(theirs).filter(sent_at__isnull=False).order_by("-sent_at", "id")
    zone = visit.location.zone
    return tuple(
        OwnMessage(one.kind, one.channel, local(one.sent_at, zone)) for one in sent if one.sent_at
    )
