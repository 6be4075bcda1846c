"""What the nurse does at the door: step by step while the phone is online, or told later.

A step that is asked for online is refused where a gate is closed or where something must come
first. What a phone tells afterwards has happened: nothing of it is refused, all of it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from dispatch import audit, ledger, recording, schedule
from dispatch.domain.before_steps import missing_before
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.field_data import check_data
from dispatch.domain.field_events import EventType, Told, read_told
from dispatch.domain.fields import FieldError
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import FieldEvent, Visit
from dispatch.selectors.access import attended_by, visit_for
from dispatch.selectors.before_steps import check_departure, gates_before
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.records import events_of, terms_of

AHEAD = timedelta(hours=2)
"""By how much a phone's clock may be ahead of the market's."""
MOST_EVENTS = 500
STEP_TIMES = (
    "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at",
    "completed_at",
)  # fmt: skip


@transaction.atomic
def record_events(visit_id: UUID, sent: object, *, by: Actor, now: datetime) -> None:
    """Keep what the nurse's phone tells, a list of ``{id, type, device_time, data}`` in any order.

    Events that are known are passed over. Raises Invalid naming each field at fault as
    ``[3].data.lat``, Conflict ``event_differs`` where an id is known for something else.
    """
    attended_by(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    fresh = _unknown(_read(sent, visit, now), visit)
    if not fresh:
        return
    recording.tell(visit, fresh, by=by, now=now)
    audit.note(by, "tell", "visit", visit.id, now=now)


@transaction.atomic
def perform(
    visit_id: UUID,
    action: Action,
    *,
    reason: str,
    data: Mapping[str, Any] | None = None,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Do one step of the visit, at ``now``; ``data`` is what the step's event carries.

    ``reason`` is for an abort a code of the protocol's list, for a no-show free text. Raises
    Invalid for data that do not fit; Conflict ``wrong_status`` where the step does not follow the
    one before, ``gate_closed`` (with the gates) at departure or before the infusion, ``too_early``
    or ``still_under_way`` at departure, ``step_missing`` (with codes) where something must come
    first, ``not_discharged`` or ``custody_open`` before completing.
    """
    visit_for(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    _check_turn(visit, action)
    told = _as_event(visit, action, reason, data or {}, now)
    if closed := gates_before(visit, told.type, now=now):
        message = "The treatment cannot go on while a gate is closed."
        raise Conflict("gate_closed", message, gates=closed)
    if action is Action.DEPART:
        check_departure(visit, now=now)
    if action is Action.COMPLETE:
        _check_completion(visit)
    if missing := list(missing_before(told, events_of(visit), terms_of(visit))):
        raise Conflict("step_missing", "Something has to be done before this.", missing=missing)
    recording.tell(visit, [told], by=by, now=now)
    audit.note(by, action.value, "visit", visit.id, now=now)


@transaction.atomic
def fold_again(visit_id: UUID, *, now: datetime) -> None:
    """Bring the visit to where its record is: what it waited for beside the events has come."""
    recording.follow(schedule.lock_visit(visit_id, now=now), now=now)


def _read(sent: object, visit: Visit, now: datetime) -> list[Told]:
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_EVENTS:
        fault = Sentence("Send a list of 1 to {most} events.", most=MOST_EVENTS)
        raise Invalid({"events": fault})
    told, faults = list[Told](), dict[str, str]()
    for index, entry in enumerate(sent):
        try:
            told.append(_read_one(entry, f"[{index}]", visit, now))
        except FieldError as fault:
            faults[fault.field] = _problem(fault)
    if faults:
        raise Invalid(faults)
    return told


def _read_one(entry: object, path: str, visit: Visit, now: datetime) -> Told:
    one = read_told(entry, path, visit.location.zone)
    check_data(one, protocol_of(visit.protocol_id), f"{path}.data")
    if not visit.booked_at <= one.at <= now + AHEAD:
        raise FieldError(f"{path}.device_time", "must lie between the booking and now")
    return one


def _problem(fault: FieldError) -> str:
    return str(fault).removeprefix(f"{fault.field}: ")


def _unknown(told: Sequence[Told], visit: Visit) -> list[Told]:
    """Return those that are new, each once; Conflict where an id was used for something else."""
    sent = FieldEvent.objects.filter(id__in=[one.id for one in told])
    known = {row.id: _same_as(row) for row in sent}
    new = {one.id for one in told} - known.keys()
    fresh = list[Told]()
    for one in told:
        content = (visit.id, one.type.value, one.at, dict(one.data))
        if known.setdefault(one.id, content) != content:
            message = "An event with this id tells something else."
            raise Conflict("event_differs", message, event=str(one.id))
        if one.id in new:
            new.discard(one.id)
            fresh.append(one)
    return fresh


def _same_as(row: FieldEvent) -> tuple[UUID, str, datetime, dict[str, Any]]:
    return row.visit_id, row.type, row.device_time, json.loads(row.data)


def _check_turn(visit: Visit, action: Action) -> None:
    status = Status(visit.status)
    advance(status, action)
    if action is Action.DISCHARGE and visit.discharged_at is not None:
        raise Conflict("wrong_status", "The patient has been discharged.", visit_status=status)


def _as_event(
    visit: Visit, action: Action, reason: str, data: Mapping[str, Any], now: datetime
) -> Told:
    """The step as an event of this moment, or just after the last step by a phone's fast clock."""
    carried = {name: value for name, value in data.items() if value is not None}
    if action is Action.ABORT and reason:
        carried["reason"] = reason
    if action is Action.NO_SHOW and reason:
        carried["text"] = reason
    times = [getattr(visit, name) for name in STEP_TIMES]
    at = max([now, *(time for time in times if time is not None)])
    told = Told(new_id(), EventType(action.value), at, carried)
    try:
        path = "" if action is Action.ABORT else "data"
        check_data(told, protocol_of(visit.protocol_id), path)
    except FieldError as fault:
        raise Invalid({fault.field: _problem(fault)}) from fault
    return told


def _check_completion(visit: Visit) -> None:
    if visit.discharged_at is None:
        raise Conflict("not_discharged", "The patient is discharged before the visit is complete.")
    if not ledger.is_settled(visit.id):
        raise Conflict("custody_open", "The drug is not accounted for, or a witness has to sign.")
