"""What happens to a visit turns into rows of messages that fall due; nothing is sent here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch.domain.expected import is_earlier_again, is_late
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import digest, new_id, new_secret
from dispatch.domain.messages import Audience, Due, Event, Kind, due_times
from dispatch.domain.places import LocationKind
from dispatch.domain.sending import BEFORE_ARRIVAL
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Assignment, CompanionRequest, Message, Visit
from dispatch.models.clock import DATABASE_CLOCK
from dispatch.selectors.companions import answer_now, open_request
from dispatch.selectors.messages import told_last
from dispatch.selectors.protocols import protocol_of


@transaction.atomic
def plan_messages(visit_id: UUID, *, now: datetime) -> None:
    """Plan what the visit as it now is calls for, and drop what it called for before it moved.

    Nothing is planned before the window is promised.
    """
    visit = _locked(visit_id)
    _waiting(visit).exclude(move=visit.moves).update(state="withdrawn", state_because="moved")
    if visit.window_promised and Status(visit.status) not in ENDED:
        _plan(visit, Event.RESCHEDULED if visit.moves else Event.BOOKED, now)


@transaction.atomic
def plan_cancelled(visit_id: UUID, *, now: datetime) -> None:
    """Drop what is planned, and tell that nobody comes."""
    visit = _locked(visit_id)
    _waiting(visit).exclude(kind=Kind.CANCELLED).update(
        state="withdrawn", state_because="called_off"
    )
    _plan(visit, Event.CANCELLED, now)


@transaction.atomic
def drop_called_off(visit_id: UUID, *, now: datetime) -> None:  # noqa: ARG001 - a reaction
    """Drop what is planned for a visit that broke off; aftercare stays for one who was treated."""
    visit = _locked(visit_id)
    dropped = _waiting(visit)
    if visit.infusion_started_at is not None:
        dropped = dropped.exclude(kind=Kind.AFTERCARE)
    dropped.update(state="withdrawn", state_because="called_off")


@transaction.atomic
def plan_aftercare(visit_id: UUID, *, now: datetime) -> None:
    """See that whoever was treated is looked after, also where the treatment came late."""
    visit = _locked(visit_id)
    if visit.infusion_started_at is not None:
        _plan(visit, Event.BOOKED, now, only=Kind.AFTERCARE)


@transaction.atomic
def ask_companion(visit_id: UUID, *, now: datetime) -> None:
    """See that the companion named for the visit has a secret link and is asked, once a move."""
    visit = _locked(visit_id)
    if visit.companion_id is None or not visit.window_promised or Status(visit.status) in ENDED:
        return
    _open_request(visit, visit.companion_id, now)
    told = Message.objects.filter(visit=visit, person_id=visit.companion_id, move=visit.moves)
    if not told.exclude(state="withdrawn").exists():
        _plan(visit, Event.COMPANION_NAMED, now)


@transaction.atomic
def tell_declined(visit_id: UUID, *, now: datetime) -> None:
    """Tell the patient that whoever was named cannot be there, once for each person asked."""
    visit = _locked(visit_id)
    asked = open_request(visit)
    declined = asked is not None and answer_now(visit) is CompanionAnswer.DECLINED
    if asked is not None and declined and Status(visit.status) not in ENDED:
        _plan(visit, Event.COMPANION_DECLINED, now, about_id=asked.id)


@transaction.atomic
def tell_nurse_changed(visit_id: UUID, *, now: datetime) -> None:
    """Tell the patient that another nurse comes, once for each nurse who has taken over."""
    visit = _locked(visit_id)
    given = Assignment.objects.filter(visit=visit, until__isnull=True).first()
    if given is not None and Status(visit.status) not in ENDED:
        _plan(visit, Event.NURSE_CHANGED, now, about_id=given.id)


@transaction.atomic
def tell_arrival_moved(visit_id: UUID, *, now: datetime) -> None:
    """Tell patient and companion when the nurse is now expected, once for each further delay.

    Each such message is about the one before it, the first one about the visit.
    """
    visit = _locked(visit_id)
    if visit.reservation is None or Status(visit.status) not in BEFORE_ARRIVAL:
        return
    last, expected = told_last([visit.id]).get(visit.id), visit.reservation.start_at
    told = None if last is None else last.named_start
    about_id = visit.id if last is None else last.id
    if is_late(expected, visit.window_end, told):
        _plan(visit, Event.RUNNING_LATE, now, about_id=about_id)
    elif is_earlier_again(expected, told):
        _plan(visit, Event.EARLIER_AGAIN, now, about_id=about_id)


def _open_request(visit: Visit, companion_id: UUID, now: datetime) -> None:
    """Close what others were asked; one who is named again keeps the link, not an old answer."""
    requests = CompanionRequest.objects.filter(visit=visit)
    others = requests.filter(replaced_at__isnull=True).exclude(companion_id=companion_id)
    others.update(replaced_at=now)
    theirs = requests.filter(companion_id=companion_id)
    theirs.exclude(move=visit.moves).update(
        answer=CompanionAnswer.ASKED.value, answered_at=None, move=visit.moves
    )
    if theirs.update(replaced_at=None):
        return
    secret = new_secret()
    CompanionRequest.objects.create(
        market_id=visit.market_id,
        visit=visit,
        companion_id=companion_id,
        secret=secret,
        secret_digest=digest(secret),
        move=visit.moves,
    )


def _locked(visit_id: UUID) -> Visit:
    """The visit's lock first, as everyone does who then touches its messages."""
    Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    return Visit.objects.select_related("location", "reservation").get(id=visit_id)


def _waiting(visit: Visit) -> QuerySet[Message]:
    """Messages of the visit that no worker is sending just now, and that were not sent before."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=DATABASE_CLOCK)
    return Message.objects.filter(free, visit=visit, state="due", sent_at__isnull=True)


def _plan(
    visit: Visit,
    event: Event,
    now: datetime,
    *,
    only: Kind | None = None,
    about_id: UUID | None = None,
) -> None:
    """Write the rows; one that is there already stays as it is."""
    protocol = protocol_of(visit.protocol_id)
    dues = due_times(
        protocol.messages,
        window_start=visit.window_start,
        end=visit.window_end + timedelta(seconds=protocol.service_s),
        zone=visit.location.zone,
        booked_at=now,
        location_kind=LocationKind(visit.location.kind),
        event=event,
    )
    people = {Audience.PATIENT: visit.patient_id, Audience.COMPANION: _companion(visit, event)}
    rows = [
        _row(visit, due, person_id, about_id or visit.id)
        for due in dues
        if (person_id := people[due.audience]) and only in {None, due.kind}
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def _companion(visit: Visit, event: Event) -> UUID | None:
    """Whoever is asked; of a move, only one who knows of the time before and not of this one."""
    asked = open_request(visit)
    if asked is None:
        return None
    told = Message.objects.filter(visit=visit, person_id=asked.companion_id)
    knew = told.filter(state="sent", move__lt=visit.moves).exists()
    knows = told.filter(move=visit.moves).exclude(state="withdrawn").exists()
    if event is Event.RESCHEDULED and (knows or not knew):
        return None
    return asked.companion_id


def _row(visit: Visit, due: Due, person_id: UUID, about_id: UUID) -> Message:
    return Message(
        id=new_id(),
        market_id=visit.market_id,
        visit=visit,
        kind=due.kind.value,
        audience=due.audience.value,
        person_id=person_id,
        about_id=about_id,
        template=due.template,
        move=visit.moves,
        due_at=due.due_at,
    )
