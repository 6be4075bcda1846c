"""Rows of the messages that a visit calls for: the only code that writes and drops them.

The caller has locked the visit. A row that is there already stays as it is, so that whoever plans
twice plans once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.due import Due, Occasion, due_times
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import new_id
from dispatch.domain.messages import STAFF, Audience, Event, Kind
from dispatch.domain.places import LocationKind
from dispatch.models import Message, Visit
from dispatch.models.clock import DATABASE_CLOCK
from dispatch.selectors.companions import answer_now, open_request
from dispatch.selectors.messages import heard
from dispatch.selectors.protocols import protocol_of

ENDS = frozenset({Event.CANCELLED, Event.SUSPENDED})


def locked(visit_id: UUID) -> Visit:
    """The visit's lock first, as everyone takes it who then touches its messages."""
    Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    return Visit.objects.select_related("location", "reservation").get(id=visit_id)


def waiting(visit: Visit) -> QuerySet[Message]:
    """Messages of the visit that no worker is sending just now, and that were not sent before."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=DATABASE_CLOCK)
    return Message.objects.filter(free, visit=visit, state="due", sent_at__isnull=True)


def plan(
    visit: Visit,
    event: Event,
    now: datetime,
    *,
    only: Collection[Kind] = tuple(Kind),
    to: Collection[Audience] = tuple(Audience),
    about_id: UUID | None = None,
    companion_id: UUID | None = None,
) -> None:
    """Write the rows that the event calls for, of kinds and to people where these are named.

    ``about_id`` is the row that the messages tell of; else that is the visit, for a companion what
    they are asked. ``companion_id`` is who was to help, where that is not whoever is asked now.
    """
    people, about = _people(visit, event), _about(visit)
    if companion_id is not None:
        people[Audience.COMPANION] = companion_id
    rows = [
        _row(visit, due, person_id, about_id or about.get(due.audience, visit.id))
        for due in due_times(protocol_of(visit.protocol_id).messages, _occasion(visit, event, now))
        if due.kind in only and due.audience in to and (person_id := people[due.audience])
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def _occasion(visit: Visit, event: Event, now: datetime) -> Occasion:
    companion = visit.companion
    return Occasion(
        event=event,
        now=now,
        window_start=visit.window_start,
        end=visit.window_end + timedelta(seconds=protocol_of(visit.protocol_id).service_s),
        zone=visit.location.zone,
        location_kind=LocationKind(visit.location.kind),
        companion_zone=None if companion is None else companion.zone or None,
    )


def _about(visit: Visit) -> dict[Audience, UUID]:
    """Whoever is named again is told all of it again: it is about another request."""
    asked = open_request(visit)
    return {} if asked is None else {Audience.COMPANION: asked.id}


def _people(visit: Visit, event: Event) -> dict[Audience, UUID | None]:
    """To whom each message goes; what falls due for staff is about the patient."""
    about_patient = dict.fromkeys((Audience.PATIENT, *STAFF), visit.patient_id)
    return {**about_patient, Audience.COMPANION: _companion(visit, event)}


def _companion(visit: Visit, event: Event) -> UUID | None:
    """Whoever is asked; of a move, only one who knows of the time before and not of this one; of
    an end, only one who may know of the visit and would come."""
    asked = open_request(visit)
    if asked is None:
        return None
    told = Message.objects.filter(visit=visit, person_id=asked.companion_id)
    if event in ENDS:
        declined = answer_now(visit) is CompanionAnswer.DECLINED
        return asked.companion_id if heard(told).exists() and not declined else None
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
