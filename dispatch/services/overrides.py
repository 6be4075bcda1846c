"""Letting a visit go on though a soft gate is closed, and taking that back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, schedule
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.gates import TERMS, GateName, GateState, check_gates_stand
from dispatch.domain.people import Actor
from dispatch.domain.visit import Status
from dispatch.models import GateOverride, GateOverrideEnd, Visit
from dispatch.selectors.access import visit_for
from dispatch.selectors.gates import gates_of


@transaction.atomic
def override_gate(
    visit_id: UUID,
    gate: GateName,
    *,
    reason: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Answer for the visit's going on without what the gate asks for; return the override's id.

    It holds until the visit moves or the override is taken back. Raises Conflict ``gate_is_hard``,
    ``gate_not_closed``, ``wrong_status`` once the infusion has begun, ``stale``; NotFound for a
    gate that this visit does not have.
    """
    visit_for(by, visit_id)
    if TERMS[gate].hard:
        raise Conflict("gate_is_hard", "Nobody can override this gate.", gate=gate.value)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    check_gates_stand(Status(visit.status))
    _check_closed(visit, gate, now)
    override = GateOverride.objects.create(
        market_id=visit.market_id,
        visit=visit,
        move=visit.moves,
        gate=gate.value,
        reason=reason,
        at=now,
        by_id=by.user_id,
    )
    _count_up(visit)
    audit.note(by, "override", "gate_override", override.id, now=now)
    return override.id


@transaction.atomic
def take_override_back(
    visit_id: UUID, gate: GateName, *, expected_version: int | None, by: Actor, now: datetime
) -> None:
    """Close the gate again. Raises NotFound where nothing stands; Conflict ``wrong_status``,
    ``stale``.
    """
    visit_for(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    schedule.check_version(visit, expected_version)
    check_gates_stand(Status(visit.status))
    override = GateOverride.objects.filter(
        visit=visit, move=visit.moves, gate=gate.value, end__isnull=True
    ).first()
    if override is None:
        raise NotFound("override")
    GateOverrideEnd.objects.create(
        market_id=visit.market_id, override=override, at=now, by_id=by.user_id
    )
    _count_up(visit)
    audit.note(by, "take_back", "gate_override", override.id, now=now)


def _count_up(visit: Visit) -> None:
    """Whoever still sees the gate as it was is told before they change the visit."""
    visit.version += 1
    visit.save(update_fields=["version"])


def _check_closed(visit: Visit, gate: GateName, now: datetime) -> None:
    found = next((one for one in gates_of(visit, now=now) if one.name is gate), None)
    if found is None:
        raise NotFound("gate")
    if found.state is not GateState.CLOSED:
        raise Conflict("gate_not_closed", "This gate does not stop the visit.", gate=gate.value)
