"""What was told of a visit, kept, and what follows from it: the only code that does either.

The caller has locked the visit. Events are added and never changed; whenever one comes, all of
them are folded anew, and the visit's row is brought to where the record is, one transition of the
state table at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from dispatch import assigning, ledger, outbox, schedule, tasking
from dispatch.domain.charges import cancel_fee_cents, share_of
from dispatch.domain.custody import Movement, movement_of, times_taken
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import VisitBroken, VisitEnded, VisitProgressed
from dispatch.domain.field_events import CUSTODY, EventType, Told
from dispatch.domain.gates import blocking
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import BROKEN_OFF, UNDER_WAY, Status, way_at_the_door
from dispatch.domain.visit_record import NOBODY_IS_ASKED, Flag, VisitRecord
from dispatch.models import Assignment, FieldEvent, RefusedMovement, Reservation, Visit
from dispatch.selectors.access import visits_of
from dispatch.selectors.custody import times_checked_out
from dispatch.selectors.gates import gates_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.records import latest_assignment, record_of

FOLLOWS_THE_RECORD = {Status.ASSIGNED} | UNDER_WAY | BROKEN_OFF
"""Statuses in which the visit is the nurse's; in any other, what is told changes nothing."""

FACTS = (
    "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at",
    "completed_at", "arrived_lat", "arrived_lng", "arrived_off_m", "recovery_extended_s",
    "ended_because", "ended_code", "fee_cents",
)  # fmt: skip
PROGRESS = (
    "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at",
    "completed_at", "arrived_lat", "arrived_lng", "recovery_extended_s",
)  # fmt: skip
"""By these the visit's end is to be expected anew, and what is verified of it."""

LATE = timedelta(minutes=10)
"""What is told so long after it happened was told by a phone that had been offline."""
WITHOUT_NOTICE = timedelta(seconds=-1)


def tell(visit: Visit, told: Sequence[Told], *, by: Actor, now: datetime) -> VisitRecord:
    """Keep events that are new, and let follow what follows; return the record as it then is.

    Nothing is refused: what contradicts the record or the visit's status is kept and flagged.
    """
    before = record_of(visit, settled=ledger.is_settled(visit.id)).flags
    _keep(visit, told, by, now)
    _enter_custody(visit, by, now)
    record = follow(visit, now=now)
    _open_tasks(visit, told, set(record.flags) - set(before), now)
    return record


def follow(visit: Visit, *, now: datetime) -> VisitRecord:
    """Fold what was told and bring the visit's row to where the record is."""
    record = record_of(visit, settled=ledger.is_settled(visit.id))
    if Status(visit.status) in FOLLOWS_THE_RECORD:
        _write(visit, record, now)
    return record


def _keep(visit: Visit, told: Sequence[Told], by: Actor, now: datetime) -> None:
    ours = visits_of(by).filter(id=visit.id).exists()
    assignment = latest_assignment(visit) if ours else None
    departs = any(event.type is EventType.DEPART for event in told)
    closed = _closed_gates(visit, assignment, now) if departs else []
    FieldEvent.objects.bulk_create(
        FieldEvent(
            id=event.id,
            market_id=visit.market_id,
            visit=visit,
            assignment=assignment,
            type=event.type.value,
            device_time=event.at,
            received_at=now,
            recorded_by_id=by.user_id,
            data=json.dumps(dict(event.data)),
            closed_gates=closed if event.type is EventType.DEPART else [],
        )
        for event in told
    )


def _closed_gates(visit: Visit, assignment: Assignment | None, now: datetime) -> list[str]:
    """What keeps the nurse from setting out, as long as nobody has told that she did."""
    known = FieldEvent.objects.filter(assignment=assignment, type=EventType.DEPART.value)
    if assignment is None or known.exists():
        return []
    return [gate.name.value for gate in blocking(gates_of(visit, now=now))]


def _enter_custody(visit: Visit, by: Actor, now: datetime) -> None:
    """Enter every movement that this person told so far: one that was refused may find its vial in
    stock by now. A vial that was taken once is not taken again because it is said twice."""
    rows = FieldEvent.objects.filter(
        visit=visit, recorded_by_id=by.user_id, type__in=[kind.value for kind in CUSTODY]
    )
    moved = [(row, json.loads(row.data)["vial"]) for row in rows.order_by("device_time", "id")]
    taken = times_taken((row.type, vial) for row, vial in moved)
    for row, vial in moved:
        refusals = RefusedMovement.objects.filter(event=row)
        again = row.type == EventType.CHECKOUT and times_checked_out(visit.id, vial) >= taken[vial]
        if again:
            refusals.delete()
            continue
        try:
            with transaction.atomic():
                ledger.enter(_movement(row), by=by, now=now)
        except DispatchError:
            if not refusals.exists():
                RefusedMovement.objects.create(market_id=visit.market_id, event=row)
        else:
            refusals.delete()


def _movement(row: FieldEvent) -> Movement:
    return movement_of(
        row.type,
        json.loads(row.data),
        event_id=row.id,
        visit_id=row.visit_id,
        at=row.device_time,
        late=row.received_at - row.device_time > LATE,
    )


def _write(visit: Visit, record: VisitRecord, now: datetime) -> None:
    before = {name: getattr(visit, name) for name in (*FACTS, "status")}
    for name, value in _facts(visit, record).items():
        setattr(visit, name, value)
    held, begun_as = visit.reservation, Status(visit.status)
    for status in way_at_the_door(begun_as, record.status):
        visit.status = status.value
        if status in BROKEN_OFF:
            visit.reservation = None
        visit.save(update_fields=["status", "reservation"])
    changed = {name for name, value in before.items() if getattr(visit, name) != value}
    if not changed:
        return
    visit.version += 1
    visit.save(update_fields=[*FACTS, "version"])
    _let_follow(visit, changed, held, now)


def _let_follow(visit: Visit, changed: set[str], held: Reservation | None, now: datetime) -> None:
    status = Status(visit.status)
    if status in BROKEN_OFF and held is not None:
        schedule.remove(held, now=now)
        assigning.unassign(visit, now)
    if status in BROKEN_OFF and changed & {"status", "ended_code"}:
        outbox.record(VisitBroken(visit.id), market_id=visit.market_id, now=now)
    if status is Status.COMPLETED and "status" in changed:
        outbox.record(VisitEnded(visit.id), market_id=visit.market_id, now=now)
    if changed & set(PROGRESS):
        outbox.record(VisitProgressed(visit.id), market_id=visit.market_id, now=now)


def _facts(visit: Visit, record: VisitRecord) -> dict[str, object]:
    times = {name: getattr(record, name) for name in FACTS if name.endswith("_at")}
    arrival = record.arrival
    return times | {
        "arrived_lat": None if arrival is None else arrival.lat,
        "arrived_lng": None if arrival is None else arrival.lng,
        "arrived_off_m": None if arrival is None else arrival.off_m,
        "recovery_extended_s": record.recovery_extended_s,
        "ended_because": record.ended_because,
        "ended_code": record.ended_code,
        "fee_cents": _fee_cents(visit, record),
    }


def _fee_cents(visit: Visit, record: VisitRecord) -> int | None:
    """By the reason for which it broke off; nobody there is owed as calling off without notice.

    None while nothing is known: the visit goes on, or its events give no reason.
    """
    protocol = protocol_of(visit.protocol_id)
    if record.status is Status.NO_SHOW:
        return cancel_fee_cents(protocol.price_cents, protocol.cancel_fees, WITHOUT_NOTICE)
    for reason in protocol.abort_reasons:
        if reason.code == record.ended_code:
            return share_of(protocol.price_cents, reason.fee_percent)
    return None


def _open_tasks(visit: Visit, told: Iterable[Told], flags: set[Flag], now: datetime) -> None:
    about = {"market_id": visit.market_id, "patient_id": visit.patient_id, "visit_id": visit.id}
    for event in told:
        if event.type is EventType.ADVERSE_EVENT:
            reason = f"{event.data['severity']}: {event.data['text']}"
            tasking.open_task(TaskKind.ADVERSE_EVENT, event.id, **about, reason=reason, now=now)
    wanting = sorted({flag.code.value for flag in flags if flag.code not in NOBODY_IS_ASKED})
    if wanting:
        reason = ", ".join(wanting)
        tasking.open_task(TaskKind.RECORD_CONTRADICTS, visit.id, **about, reason=reason, now=now)
