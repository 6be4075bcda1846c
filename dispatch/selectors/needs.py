"""Whether what a message's rule asks for is so, where the visit alone does not tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dispatch.domain.messages import Need
from dispatch.domain.tasks import TaskKind
from dispatch.models import Task, Visit
from dispatch.models.visits import RELEASED
from dispatch.selectors.clearance import latest_judgement
from dispatch.selectors.medication import open_rules
from dispatch.selectors.protocols import protocol_of, unapproved_in
from dispatch.selectors.screening import questions_of

FASTING = "fasting"


def is_met(need: Need | None, visit: Visit, *, now: datetime) -> bool:
    """Return whether it is so now; True for whatever the situation itself tells."""
    look = _LOOKS.get(need) if need is not None else None
    return look is None or look(visit, now)


def next_visit(visit: Visit) -> Visit | None:
    """Return the patient's next visit of the same treatment whose window is promised."""
    later = Visit.objects.filter(
        patient_id=visit.patient_id,
        protocol__code=protocol_of(visit.protocol_id).code,
        window_start__gt=visit.window_start,
        window_promised=True,
    )
    ahead = later.exclude(status__in=RELEASED).select_related("location")
    return ahead.order_by("window_start").first()


def questions_open(visit: Visit, now: datetime) -> bool:
    """Return whether questions are to be answered before the visit, and may be by now."""
    service = timedelta(seconds=protocol_of(visit.protocol_id).service_s)
    asked = questions_of(visit, end=visit.window_end + service)
    return bool(asked.questions) and asked.asked_from <= now


def _medication_open(visit: Visit, now: datetime) -> bool:  # noqa: ARG001 - one of the looks
    """Something has to be agreed, is not, and stands on no clinician's list."""
    screening = latest_judgement(visit.patient_id, protocol_of(visit.protocol_id).code)
    if screening is None or not open_rules(screening):
        return False
    asked = Task.objects.filter(kind=TaskKind.AGREE_MEDICATION.value, subject_id=screening.id)
    return not asked.filter(done_at__isnull=True).exists()


def _fasting_approved(visit: Visit, now: datetime) -> bool:  # noqa: ARG001 - one of the looks
    """A clinician of the visit's own market has approved it, or it was shipped approved."""
    rules = {rule.code for rule in protocol_of(visit.protocol_id).extra_rules}
    return FASTING in rules and FASTING not in unapproved_in(visit.market_id, visit.protocol)


def _next_booked(visit: Visit, now: datetime) -> bool:  # noqa: ARG001 - one of the looks
    return next_visit(visit) is not None


_LOOKS: dict[Need, Callable[[Visit, datetime], bool]] = {
    Need.QUESTIONS_OPEN: questions_open,
    Need.MEDICATION_OPEN: _medication_open,
    Need.FASTING_APPROVED: _fasting_approved,
    Need.NEXT_BOOKED: _next_booked,
}
