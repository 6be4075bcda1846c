"""The way of a visit for its patient: what to prepare and when, what has happened, what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dispatch.domain.channels import Language
from dispatch.domain.clock import local, service_date, to_instant
from dispatch.domain.gates import STAND_BEFORE
from dispatch.domain.messages import Audience, DaysAfter, Kind, Need, SameDay
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import BROKEN_OFF, ENDED, ON_ROUTE, Status
from dispatch.models import Visit
from dispatch.selectors.medication import last_doses
from dispatch.selectors.needs import FASTING, is_met, questions_open
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.screening import questions_of

AFTERWARDS = frozenset({Kind.AFTERCARE, Kind.FOLLOW_UP})


class Progress(StrEnum):
    DONE = "done"
    NOW = "now"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class Step:
    """One point on the way; ``at`` by the clocks of the place, a whole day where ``all_day``.

    ``text`` is the protocol's own, in the patient's language where it is translated.
    """

    code: str
    progress: Progress
    at: datetime | None
    text: str = ""
    all_day: bool = False


def preparation_of(visit: Visit, language: Language, *, now: datetime) -> tuple[Step, ...]:
    """Return what the patient is to prepare, soonest first; nothing once treatment has begun."""
    if Status(visit.status) not in STAND_BEFORE:
        return ()
    found = sorted(_preparations(visit, language, now), key=lambda step: step.at or now)
    return tuple(found)


def _preparations(visit: Visit, language: Language, now: datetime) -> Iterator[Step]:
    protocol, zone = protocol_of(visit.protocol_id), visit.location.zone
    kind = LocationKind(visit.location.kind)
    start = local(visit.window_start, zone)
    for day in last_doses(visit.patient_id, protocol):
        at = local(to_instant(day, datetime.min.time(), zone), zone)
        yield Step("last_dose", _by(at + timedelta(days=1), now), at, all_day=True)
    asked = questions_of(visit, end=visit.window_end + timedelta(seconds=protocol.service_s))
    if asked.questions:
        state = Progress.NOW if questions_open(visit, now) else Progress.NEXT
        yield Step("questions", state, local(asked.asked_from, zone))
    if is_met(Need.FASTING_APPROVED, visit, now=now):
        words = protocol.extra_rule_in(language, FASTING) or ""
        yield Step("eating", Progress.NEXT, start, words)
    yield Step("at_home", Progress.NEXT, start, protocol.instructions_in(language, kind))


def steps_of(visit: Visit, *, now: datetime) -> tuple[Step, ...]:
    """Return what has happened, what is happening now and what follows, in that order."""
    return tuple(_steps(visit, now))


def _steps(visit: Visit, now: datetime) -> Iterator[Step]:
    status, zone = Status(visit.status), visit.location.zone
    yield Step("booked", Progress.DONE, local(visit.booked_at, zone))
    if status in {Status.CANCELLED, Status.SUSPENDED}:
        yield Step(status.value, Progress.NOW, None)
        return
    if status not in BROKEN_OFF:
        yield Step("assigned", Progress.DONE if status in ON_ROUTE else Progress.NOW, None)
    yield from _at_the_door(visit, status, zone)
    if status in ENDED:
        yield Step(status.value, Progress.DONE, _local(visit.completed_at, zone))
    if status is not Status.NO_SHOW and (status is not Status.ABORTED or _was_treated(visit)):
        yield from sorted(_afterwards(visit, now), key=lambda step: step.at or now)


def _at_the_door(visit: Visit, status: Status, zone: str) -> Iterator[Step]:
    happened = (
        ("departed", visit.departed_at),
        ("arrived", visit.arrived_at),
        ("infusion", visit.infusion_started_at),
        ("rest", visit.infusion_ended_at),
        ("discharged", visit.discharged_at),
    )
    done = [(code, at) for code, at in happened if at is not None]
    for code, at in done:
        last = (code, at) == done[-1] and status not in ENDED
        yield Step(code, Progress.NOW if last else Progress.DONE, local(at, zone))
    if not done and status not in ENDED:
        yield Step("window", Progress.NEXT, local(visit.window_start, zone))


def _afterwards(visit: Visit, now: datetime) -> Iterator[Step]:
    """By the protocol's own messages after a treatment: their words are what is to be done."""
    protocol, zone = protocol_of(visit.protocol_id), visit.location.zone
    day = service_date(visit.window_start, zone)
    for rule in protocol.messages:
        if rule.kind not in AFTERWARDS or rule.audience is not Audience.PATIENT:
            continue
        if not isinstance(rule.when, SameDay | DaysAfter):
            continue
        days = rule.when.days if isinstance(rule.when, DaysAfter) else 0
        at = to_instant(day + timedelta(days=days), rule.when.at, zone)
        yield Step(rule.template, _by(at, now), local(at, zone))


def _was_treated(visit: Visit) -> bool:
    return visit.infusion_started_at is not None


def _by(at: datetime, now: datetime) -> Progress:
    return Progress.DONE if at <= now else Progress.NEXT


def _local(at: datetime | None, zone: str) -> datetime | None:
    return None if at is None else local(at, zone)
