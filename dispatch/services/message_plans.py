"""What becomes of a visit turns into rows of messages that fall due; nothing is sent here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import announcing
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import digest, new_secret
from dispatch.domain.messages import AFTER_THE_VISIT, Event, Kind
from dispatch.domain.sending import AFTER_TREATMENT, STAYS_TRUE
from dispatch.domain.visit import ENDED, Status
from dispatch.models import CompanionRequest, Message, Visit
from dispatch.selectors.companions import open_request

ASK_FOR_AN_ANSWER = [Kind.COMPANION_REQUEST.value, Kind.COMPANION_REMINDER.value]


@transaction.atomic
def plan_messages(visit_id: UUID, *, now: datetime) -> None:
    """Plan what the visit as it now is calls for, and drop what it called for before it moved.

    Nothing is planned before the window is promised.
    """
    visit = announcing.locked(visit_id)
    void = announcing.waiting(visit).exclude(move=visit.moves)
    void.exclude(kind=Kind.COMPANION_REPLACED).update(state="withdrawn", state_because="moved")
    if visit.window_promised and Status(visit.status) not in ENDED:
        announcing.plan(visit, Event.RESCHEDULED if visit.moves else Event.BOOKED, now)


@transaction.atomic
def plan_cancelled(visit_id: UUID, *, now: datetime) -> None:
    """Drop what is planned, and tell that nobody comes."""
    visit = announcing.locked(visit_id)
    announcing.waiting(visit).exclude(kind__in=STAYS_TRUE).update(
        state="withdrawn", state_because="called_off"
    )
    announcing.plan(visit, Event.CANCELLED, now)


@transaction.atomic
def drop_called_off(visit_id: UUID, *, now: datetime) -> None:  # noqa: ARG001 - a reaction
    """Drop what is planned for a visit that broke off; aftercare stays for one who was treated."""
    visit = announcing.locked(visit_id)
    dropped = announcing.waiting(visit).exclude(kind=Kind.COMPANION_REPLACED)
    if visit.infusion_started_at is not None:
        dropped = dropped.exclude(kind__in=AFTER_TREATMENT)
    dropped.update(state="withdrawn", state_because="called_off")


@transaction.atomic
def plan_aftercare(visit_id: UUID, *, now: datetime) -> None:
    """See that whoever was treated is looked after, also where the treatment came late."""
    visit = announcing.locked(visit_id)
    if visit.infusion_started_at is not None:
        announcing.plan(visit, Event.BOOKED, now, only=AFTER_THE_VISIT)


@transaction.atomic
def ask_companion(visit_id: UUID, *, now: datetime) -> None:
    """See that the companion named for the visit has a secret link and is asked, once a move."""
    visit = announcing.locked(visit_id)
    if visit.companion_id is None or not visit.window_promised or Status(visit.status) in ENDED:
        return
    asked = _open_request(visit, visit.companion_id)
    told = Message.objects.filter(visit=visit, about_id=asked.id, move=visit.moves)
    if not told.exclude(state="withdrawn").exists():
        announcing.plan(visit, Event.COMPANION_NAMED, now)


@transaction.atomic
def ask_companion_again(visit_id: UUID, *, now: datetime) -> None:
    """See that nothing is missing of what the companion is to be told, whatever else they were;
    one who was told of the move is not asked as if it were new."""
    visit = announcing.locked(visit_id)
    asked = open_request(visit)
    if asked is None or asked.companion_id != visit.companion_id:
        return
    told = Message.objects.filter(visit=visit, about_id=asked.id, move=visit.moves)
    if not told.filter(kind=Kind.RESCHEDULED).exists():
        announcing.plan(visit, Event.COMPANION_NAMED, now)


def _open_request(visit: Visit, companion_id: UUID) -> CompanionRequest:
    """Return what they are asked, with no answer to another time of the visit."""
    requests = CompanionRequest.objects.filter(
        visit=visit, companion_id=companion_id, replaced_at__isnull=True
    )
    requests.exclude(move=visit.moves).update(
        answer=CompanionAnswer.ASKED.value, answered_at=None, move=visit.moves
    )
    return requests.first() or _new_request(visit, companion_id)


def _new_request(visit: Visit, companion_id: UUID) -> CompanionRequest:
    """Ask them, be it again: what they were to be asked before is dropped, the old link closed."""
    dropped = announcing.waiting(visit).filter(person_id=companion_id, kind__in=ASK_FOR_AN_ANSWER)
    dropped.update(state="withdrawn", state_because="asked_anew")
    secret = new_secret()
    return CompanionRequest.objects.create(
        market_id=visit.market_id,
        visit=visit,
        companion_id=companion_id,
        secret=secret,
        secret_digest=digest(secret),
        move=visit.moves,
    )
