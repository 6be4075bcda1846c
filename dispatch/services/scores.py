"""PHQ-9 and GAD-7 are kept as they are filled in; thoughts of death are looked at at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor, Role
from dispatch.domain.scores import Instrument, is_red_flag, total_of
from dispatch.domain.tasks import TaskKind
from dispatch.models import Score
from dispatch.selectors.access import patient_for, visits_of


@transaction.atomic
def record_score(
    *,
    patient_id: UUID | None,
    instrument: Instrument,
    items: Sequence[int],
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep the answers and their sum; a clinician is asked to look at a red flag. Return the id.

    Raises Invalid for items that are missing or out of range, NotFound for a patient who is not the
    person's: a nurse's are those on the route.
    """
    patient = patient_for(by, patient_id)
    if by.role is Role.NURSE and not visits_of(by).filter(patient=patient).exists():
        raise NotFound("patient")
    score = Score.objects.create(
        market_id=patient.market_id,
        patient=patient,
        instrument=instrument.value,
        total=str(total_of(instrument, items)),
        items=json.dumps(list(items)),
        taken_at=now,
        taken_by_id=by.user_id,
    )
    if is_red_flag(instrument, items):
        tasking.open_task(
            TaskKind.RED_FLAG,
            score.id,
            market_id=patient.market_id,
            patient_id=patient.id,
            reason="Thoughts of death or self-harm (PHQ-9, item 9): call the patient now.",
            now=now,
        )
    audit.note(by, "record", "score", score.id, now=now)
    return score.id
