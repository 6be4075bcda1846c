"""What happens to a visit turns into rows of messages that fall due; nothing is sent here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch.domain.ids import digest, new_id, new_secret
from dispatch.domain.messages import Audience, Due, Event, Kind, due_times
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import ENDED, Status
from dispatch.models import CompanionRequest, Message, Visit
from dispatch.models.clock import DATABASE_CLOCK
from dispatch.selectors.protocols import protocol_of

TELL_THE_WINDOW = [Kind.CONFIRMATION, Kind.RESCHEDULED]


@transaction.atomic
def plan_messages(visit_id: UUID, *, now: datetime) -> None:
    """Plan what the visit as it now is calls for, and drop what another window called for.

    A patient who was told of another window is told that it has moved; one who was not gets the
    confirmation. Nothing is planned before the window is promised.
    """
    visit = _visit(visit_id)
    _waiting(visit).exclude(for_window=visit.window_start).update(
        state="withdrawn", state_because="moved"
    )
    if not visit.window_promised or Status(visit.status) in ENDED:
        return
    told = Message.objects.filter(visit=visit, kind__in=TELL_THE_WINDOW, state="sent")
    moved = told.exclude(for_window=visit.window_start).exists()
    _plan(visit, Event.RESCHEDULED if moved else Event.BOOKED, now)


@transaction.atomic
def plan_cancelled(visit_id: UUID, *, now: datetime) -> None:
    """Drop what is planned, and tell that nobody comes."""
    visit = _visit(visit_id)
    _waiting(visit).exclude(kind=Kind.CANCELLED).update(
        state="withdrawn", state_because="called_off"
    )
    _plan(visit, Event.CANCELLED, now)


@transaction.atomic
def drop_called_off(visit_id: UUID, *, now: datetime) -> None:  # noqa: ARG001 - a reaction
    """Drop what is planned for a visit that broke off; aftercare stays for one who was treated."""
    visit = _visit(visit_id)
    dropped = _waiting(visit)
    if visit.infusion_started_at is not None:
        dropped = dropped.exclude(kind=Kind.AFTERCARE)
    dropped.update(state="withdrawn", state_because="called_off")


@transaction.atomic
def ask_companion(visit_id: UUID, *, now: datetime) -> None:
    """See that the companion named for the visit has a secret link and is asked, once."""
    visit = _visit(visit_id)
    if visit.companion_id is None or not visit.window_promised or Status(visit.status) in ENDED:
        return
    _open_request(visit, visit.companion_id, now)
    told = Message.objects.filter(visit=visit, person_id=visit.companion_id)
    if not told.exclude(state="withdrawn").exists():
        _plan(visit, Event.COMPANION_NAMED, now)


def _open_request(visit: Visit, companion_id: UUID, now: datetime) -> None:
    """Close what others were asked; one who is named again keeps the link from before."""
    requests = CompanionRequest.objects.filter(visit=visit)
    others = requests.filter(replaced_at__isnull=True).exclude(companion_id=companion_id)
    others.update(replaced_at=now)
    if requests.filter(companion_id=companion_id).update(replaced_at=None):
        return
    secret = new_secret()
    CompanionRequest.objects.create(
        market_id=visit.market_id,
        visit=visit,
        companion_id=companion_id,
        secret=secret,
        secret_digest=digest(secret),
    )


def _visit(visit_id: UUID) -> Visit:
    return Visit.objects.select_related("location").get(id=visit_id)


def _waiting(visit: Visit) -> QuerySet[Message]:
    """Messages of the visit that no worker is sending just now."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=DATABASE_CLOCK)
    return Message.objects.filter(free, visit=visit, state="due")


def _plan(visit: Visit, event: Event, now: datetime) -> None:
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
    asked = CompanionRequest.objects.filter(visit=visit, replaced_at__isnull=True).first()
    people = {
        Audience.PATIENT: visit.patient_id,
        Audience.COMPANION: None if asked is None else asked.companion_id,
    }
    named = [(due, person_id) for due in dues if (person_id := people[due.audience])]
    rows = [_row(visit, due, person_id) for due, person_id in named]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def _row(visit: Visit, due: Due, person_id: UUID) -> Message:
    return Message(
        person_id=person_id,
        id=new_id(),
        market_id=visit.market_id,
        visit=visit,
        kind=due.kind.value,
        audience=due.audience.value,
        template=due.template,
        for_window=visit.window_start,
        due_at=due.due_at,
    )
