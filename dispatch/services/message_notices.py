"""News of a visit under way to its time, for those who would not expect it: rows, nothing sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import announcing
from dispatch.domain.expected import is_earlier_again, is_late
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Audience, Event, Kind
from dispatch.domain.sending import BEFORE_ARRIVAL
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Assignment, CompanionRequest, Message, Visit
from dispatch.selectors.companions import answer_now, open_request
from dispatch.selectors.messages import heard, told_last

OF_SUSPENSION = [Kind.SUSPENDED.value, Kind.RESUMED.value]


@transaction.atomic
def tell_declined(visit_id: UUID, *, now: datetime) -> None:
    """Tell the patient that whoever was named cannot be there, once for each time they say so.

    The first message is about what was asked, one after another answer about the one before it.
    """
    visit = announcing.locked(visit_id)
    asked = open_request(visit)
    declined = answer_now(visit) is CompanionAnswer.DECLINED
    if asked is None or not declined or Status(visit.status) in ENDED:
        return
    told = Message.objects.filter(visit=visit, kind=Kind.COMPANION_DECLINED, move=visit.moves)
    last = told.filter(state="sent", id__gt=asked.id).order_by("sent_at", "id").last()
    if last is None:
        announcing.plan(visit, Event.COMPANION_DECLINED, now, about_id=asked.id)
    elif last.sent_at and asked.answered_at and last.sent_at < asked.answered_at:
        announcing.plan(visit, Event.COMPANION_DECLINED, now, about_id=last.id)


@transaction.atomic
def tell_replaced(visit_id: UUID, *, now: datetime) -> None:
    """Tell whoever was asked, and did not decline, that somebody else helps; once an asking."""
    visit = announcing.locked(visit_id)
    if visit.companion_id is None:
        return
    messages = Message.objects.filter(visit=visit)
    closed = CompanionRequest.objects.filter(visit=visit, replaced_at__isnull=False)
    would_come = closed.exclude(answer=CompanionAnswer.DECLINED.value)
    for asked in would_come.exclude(companion_id=visit.companion_id).order_by("id"):
        about = messages.filter(about_id=asked.id)
        if heard(about).exists() and not about.filter(kind=Kind.COMPANION_REPLACED).exists():
            announcing.plan(
                visit,
                Event.COMPANION_REPLACED,
                now,
                about_id=asked.id,
                companion_id=asked.companion_id,
            )


@transaction.atomic
def tell_nurse_changed(visit_id: UUID, *, now: datetime) -> None:
    """Tell the patient that another nurse comes, once for each nurse who has taken over."""
    visit = announcing.locked(visit_id)
    given = Assignment.objects.filter(visit=visit, until__isnull=True).first()
    if given is not None and Status(visit.status) not in ENDED:
        announcing.plan(visit, Event.NURSE_CHANGED, now, about_id=given.id)


@transaction.atomic
def tell_on_the_way(visit_id: UUID, *, now: datetime) -> None:
    """Tell the patient that the nurse has set out and when she is expected, once a move."""
    visit = announcing.locked(visit_id)
    if Status(visit.status) is Status.EN_ROUTE:
        announcing.plan(visit, Event.DEPARTED, now)


@transaction.atomic
def tell_arrival_moved(visit_id: UUID, *, now: datetime) -> None:
    """Tell patient and companion when the nurse is now expected, once for each further delay.

    Each such message is about the one before it, the first one about the visit.
    """
    visit = announcing.locked(visit_id)
    if visit.reservation is None or Status(visit.status) not in BEFORE_ARRIVAL:
        return
    last, expected = told_last([visit.id]).get(visit.id), visit.reservation.start_at
    told = None if last is None else last.named_start
    about_id = visit.id if last is None else last.id
    if is_late(expected, visit.window_end, told):
        announcing.plan(visit, Event.RUNNING_LATE, now, about_id=about_id)
    elif is_earlier_again(expected, told):
        announcing.plan(visit, Event.EARLIER_AGAIN, now, about_id=about_id)


@transaction.atomic
def tell_suspended(visit_id: UUID, *, now: datetime) -> None:
    """Tell patient and companion that the visit is suspended, once for each suspension.

    The first of a move is about the visit, another one about the news that it stood again, or
    that was withdrawn when perhaps it had been heard.
    """
    visit = announcing.locked(visit_id)
    if Status(visit.status) is not Status.SUSPENDED:
        return
    for audience in (Audience.PATIENT, Audience.COMPANION):
        last = _last_of_suspension(visit, audience)
        if last is None or last.kind == Kind.RESUMED or last.state == "withdrawn":
            about_id = None if last is None else last.id
            announcing.plan(visit, Event.SUSPENDED, now, to=[audience], about_id=about_id)


@transaction.atomic
def tell_resumed(visit_id: UUID, *, now: datetime) -> None:
    """Tell those who heard, or may have heard, of the suspension that the visit has a nurse."""
    visit = announcing.locked(visit_id)
    if Status(visit.status) not in BEFORE_ARRIVAL:
        return
    for audience in (Audience.PATIENT, Audience.COMPANION):
        last = _last_of_suspension(visit, audience)
        if last is not None and last.kind == Kind.SUSPENDED:
            announcing.plan(visit, Event.RESUMED, now, to=[audience], about_id=last.id)


def _last_of_suspension(visit: Visit, audience: Audience) -> Message | None:
    """What a person of the visit heard last of its suspension, or perhaps heard."""
    person_id = visit.patient_id if audience is Audience.PATIENT else visit.companion_id
    if person_id is None:
        return None
    told = Message.objects.filter(visit=visit, person_id=person_id, move=visit.moves)
    return heard(told.filter(kind__in=OF_SUSPENSION)).order_by("id").last()
