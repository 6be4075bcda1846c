"""Clearances: the only code that judges a patient's answers, gives clearances and withdraws them.

The patient's row is locked by the caller, so that which answer is the newest is never in doubt.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from dispatch import outbox, tasking
from dispatch.domain.answers import Given, rests_until
from dispatch.domain.clearing import Decision, asked_anew, recent_reasons, undecided
from dispatch.domain.errors import Conflict
from dispatch.domain.events import ClearanceGiven, ClearanceLost
from dispatch.domain.people import Actor
from dispatch.domain.questionnaire import Outcome
from dispatch.domain.screening import Reason, Verdict, evaluate, verdict_of
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Status
from dispatch.models import Clearance, Patient, Screening, Task, Visit
from dispatch.selectors.clearance import latest_judgement, standing
from dispatch.selectors.medication import earliest_agreed, open_rules
from dispatch.selectors.protocols import form_of, protocol_of
from dispatch.selectors.screening import answers_of, dates_of, last_yes, today_in, unanswered

OF_A_SCREENING = [TaskKind.REVIEW_SCREENING, TaskKind.AGREE_MEDICATION]


@dataclass(frozen=True, slots=True)
class _Judgement:
    """All that speaks against a clearance, and whether a clinician's decision covers it."""

    protocol_id: UUID
    values: dict[str, object]
    verdict: Verdict
    covered: bool
    paper: Clearance | None

    @property
    def clear(self) -> bool:
        return self.covered or self.verdict.outcome is Outcome.CLEARED


def judge(patient: Patient, protocol_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """Judge the answers under a protocol and act on it; return the id of the screening that counts.

    That is a new one, or where a clinician has decided on all that speaks against a clearance, the
    one that was decided on. Every question that must be answered is.
    """
    found = _judgement(patient, protocol_id, now)
    if found.covered and found.paper is not None:
        return found.paper.screening_id
    return _keep(patient, found, by, now).id


def judge_again(patient: Patient, *, apart_from: UUID | None, by: Actor, now: datetime) -> None:
    """Judge the answers anew under every other protocol that the patient is cleared for.

    And under those of visits that wait for a clearance, once all their answers hold.
    """
    papers = Clearance.objects.filter(
        patient=patient, withdrawn_at__isnull=True, until__gt=now
    ).values_list("protocol_code", "screening__protocol_id")
    held = dict(papers)
    done = {None if apart_from is None else protocol_of(apart_from).code}
    for protocol_id in (one for code, one in held.items() if code not in done):
        found = _judgement(patient, protocol_id, now)
        if not found.clear:
            _keep(patient, found, by, now)
    waiting = Visit.objects.filter(patient=patient, status=Status.SUSPENDED.value)
    for code, protocol_id in dict(waiting.values_list("protocol__code", "protocol_id")).items():
        if code not in held.keys() | done and not unanswered(patient.id, protocol_id, now=now):
            found = _judgement(patient, protocol_id, now)
            if found.clear or _is_news(patient, found):
                _keep(patient, found, by, now)


def says_more(screening: Screening, *, now: datetime) -> bool:
    """Whether answers given since speak against a clearance for a reason it does not name."""
    found = _judgement(screening.patient, screening.protocol_id, now).verdict.reasons
    named = {(one["code"], one["question"]) for one in json.loads(screening.reasons)}
    return any((one.code, one.question) not in named for one in found)


def give(screening: Screening, *, decided_by: UUID | None, now: datetime) -> Clearance:
    """Clear the patient, from the day on which every medication agreed upon has ended.

    Raises Conflict ``answers_too_old`` where the answers do not hold as long as that.
    """
    since, until = _term(screening, now)
    if until <= since:
        raise Conflict("answers_too_old", "The answers are too old by then; ask them again.")
    return Clearance.objects.create(
        market_id=screening.market_id,
        patient_id=screening.patient_id,
        protocol_code=protocol_of(screening.protocol_id).code,
        screening=screening,
        since=since,
        until=until,
        decided_by_id=decided_by,
    )


def _term(screening: Screening, now: datetime) -> tuple[datetime, datetime]:
    """From when a clearance would hold, and until when; it may end before it begins."""
    protocol = protocol_of(screening.protocol_id)
    since = earliest_agreed(screening.patient_id, protocol, screening.market_id)
    until = rests_until(form_of(screening.protocol_id), protocol, dates_of(screening.patient_id))
    return max(now, since or now), until


def withdraw(patient_id: UUID, protocol_code: str, *, now: datetime) -> None:
    """Let no clearance of the patient for the protocol stand."""
    Clearance.objects.filter(
        patient_id=patient_id, protocol_code=protocol_code, withdrawn_at__isnull=True
    ).update(withdrawn_at=now)


def _judgement(patient: Patient, protocol_id: UUID, now: datetime) -> _Judgement:
    protocol, form, given = protocol_of(protocol_id), form_of(protocol_id), answers_of(patient.id)
    values = {one.id: given[one.id].value for one in form.questions if one.id in given}
    verdict = evaluate(form, values, on=today_in(patient.market_id, now))
    yes = {
        rule.question: at
        for rule in protocol.medication
        if (at := last_yes(patient.id, rule.question)) is not None
    }
    recent = recent_reasons(protocol, form, yes, now)
    reasons = (*verdict.reasons, *(one for one in recent if one not in verdict.reasons))
    taken = {question: Given(value=True, at=at) for question, at in yes.items()}
    paper = standing(patient.id, protocol.code, now=now)
    left = undecided(reasons, _decision(paper), given | taken, asked_anew(form, protocol))
    return _Judgement(protocol_id, values, verdict_of(reasons), bool(reasons) and not left, paper)


def _decision(paper: Clearance | None) -> Decision | None:
    if paper is None or paper.decided_by_id is None:
        return None
    screening = paper.screening
    reasons = json.loads(screening.reasons)
    return Decision(
        screening.taken_at,
        json.loads(screening.answers),
        frozenset((one["code"], one["question"]) for one in reasons),
    )


def _is_news(patient: Patient, found: _Judgement) -> bool:
    latest = latest_judgement(patient.id, protocol_of(found.protocol_id).code)
    return latest is None or latest.reasons != _as_json(found.verdict.reasons)


def _keep(patient: Patient, found: _Judgement, by: Actor, now: datetime) -> Screening:
    """Keep the judgement, and give or withdraw the clearance that follows from it.

    None follows where a medication ends so late that the answers are too old by then: what was
    said is kept all the same.
    """
    code = protocol_of(found.protocol_id).code
    screening = Screening.objects.create(
        market_id=patient.market_id,
        patient=patient,
        protocol_id=found.protocol_id,
        answers=json.dumps(found.values),
        reasons=_as_json(found.verdict.reasons),
        outcome=found.verdict.outcome.value,
        taken_at=now,
        taken_by_id=by.user_id,
    )
    withdraw(patient.id, code, now=now)
    _close_earlier(screening, code, now)
    event: ClearanceGiven | ClearanceLost | None = None
    if found.clear:
        since, until = _term(screening, now)
        if since < until:
            give(screening, decided_by=None, now=now)
        event = ClearanceGiven(patient.id) if found.paper is None else None
    else:
        event = ClearanceLost(patient.id)
        _ask_clinician(screening, now)
    if event is not None:
        outbox.record(event, market_id=patient.market_id, now=now)
    return screening


def _as_json(reasons: tuple[Reason, ...]) -> str:
    return json.dumps([asdict(reason) for reason in reasons])


def _close_earlier(screening: Screening, code: str, now: datetime) -> None:
    """Nobody looks at answers any more that newer ones have replaced."""
    earlier = Screening.objects.filter(patient_id=screening.patient_id, protocol__code=code)
    tasks = Task.objects.filter(
        subject_id__in=earlier.exclude(id=screening.id).values("id"),
        kind__in=[kind.value for kind in OF_A_SCREENING],
        done_at__isnull=True,
    )
    for kind, subject_id in tasks.values_list("kind", "subject_id"):
        tasking.close_task(
            TaskKind(kind), subject_id, by=None, outcome="Newer answers count.", now=now
        )


def _ask_clinician(screening: Screening, now: datetime) -> None:
    if screening.outcome != Outcome.REVIEW.value:
        return
    kinds = [TaskKind.REVIEW_SCREENING]
    if open_rules(screening):
        kinds.append(TaskKind.AGREE_MEDICATION)
    for kind in kinds:
        tasking.open_task(
            kind,
            screening.id,
            market_id=screening.market_id,
            patient_id=screening.patient_id,
            now=now,
        )
