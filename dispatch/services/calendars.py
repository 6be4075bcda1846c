"""Nurses' calendar feeds: the link is made, renewed and ended; each look tells what has changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch import audit
from dispatch.domain.calendar import BEHIND, CalendarVisit
from dispatch.domain.errors import NotFound
from dispatch.domain.ids import digest, new_secret
from dispatch.domain.people import Actor
from dispatch.models import CalendarEntry, CalendarLink, Nurse
from dispatch.selectors.access import nurse_for
from dispatch.selectors.calendars import calendar_behind, standing_link, visits_in_calendar


@transaction.atomic
def ask_for_calendar(*, by: Actor, now: datetime) -> str:
    """Return the secret of the nurse's feed, which is made when she first asks for it.

    Raises NotFound where she has ended it, until she has a new one made.
    """
    nurse = _locked(by)
    link = standing_link(nurse.id)
    if link is None and CalendarLink.objects.filter(nurse=nurse).exists():
        raise NotFound("calendar link")
    return _made(nurse, by, now) if link is None else link.secret


@transaction.atomic
def renew_calendar(*, by: Actor, now: datetime) -> str:
    """Give the feed a new secret, which is returned; the old one leads nowhere any more."""
    nurse = _locked(by)
    CalendarLink.objects.filter(nurse=nurse, ended_at__isnull=True).update(ended_at=now)
    return _made(nurse, by, now)


@transaction.atomic
def end_calendar(*, by: Actor, now: datetime) -> None:
    """The feed's secret leads nowhere any more. Raises NotFound where there is none."""
    link = standing_link(_locked(by).id)
    if link is None:
        raise NotFound("calendar link")
    link.ended_at = now
    link.save(update_fields=["ended_at"])
    audit.note(by, "end", "calendar_link", link.id, now=now)


@transaction.atomic
def tell_calendar(secret: str, *, now: datetime) -> tuple[CalendarVisit, ...]:
    """Return what the feed shows at the market's time ``now``, in order of time.

    What it told last is kept beside what is true now: whatever differs is told under a higher
    sequence number, and a visit that has left the nurse's route as cancelled. One look at a time:
    they wait at the link's row. Raises NotFound as ``calendar_behind``.
    """
    CalendarLink.objects.select_for_update().get(id=calendar_behind(secret).id)
    link = calendar_behind(secret)
    told = {entry.visit_id: entry for entry in _shown(link.nurse_id, now)}
    stand = visits_in_calendar(link.nurse_id, told, now=now)
    for visit_id, times in stand.items():
        entry = told.get(visit_id) or _entry(link, visit_id)
        if entry.sequence == 0 or entry.cancelled or times != (entry.starts_at, entry.ends_at):
            entry.starts_at, entry.ends_at, entry.cancelled = *times, False
            _tell(entry, now)
    for visit_id, entry in told.items():
        if visit_id not in stand and not entry.cancelled:
            entry.cancelled = True
            _tell(entry, now)
    return tuple(map(_visit, _shown(link.nurse_id, now).select_related("visit__location")))


def _locked(by: Actor) -> Nurse:
    if by.person_id is None:
        raise NotFound("nurse")
    nurse = nurse_for(by, by.person_id)
    return Nurse.objects.select_for_update(no_key=True).get(id=nurse.id)


def _made(nurse: Nurse, by: Actor, now: datetime) -> str:
    secret = new_secret()
    link = CalendarLink.objects.create(
        market_id=nurse.market_id, nurse=nurse, secret=secret, secret_digest=digest(secret),
        made_at=now,
    )  # fmt: skip
    audit.note(by, "make", "calendar_link", link.id, now=now)
    return secret


def _shown(nurse_id: UUID, now: datetime) -> QuerySet[CalendarEntry]:
    """Also what was told to lie outside the time shown: a phone may still have it where it was."""
    recent = Q(ends_at__gt=now - BEHIND) | Q(changed_at__gt=now - BEHIND)
    return CalendarEntry.objects.filter(recent, nurse_id=nurse_id).order_by("starts_at", "id")


def _entry(link: CalendarLink, visit_id: UUID) -> CalendarEntry:
    """What was told of the visit long ago, or a new entry."""
    known = CalendarEntry.objects.filter(nurse_id=link.nurse_id, visit_id=visit_id).first()
    return known or CalendarEntry(
        market_id=link.market_id, nurse_id=link.nurse_id, visit_id=visit_id
    )


def _tell(entry: CalendarEntry, now: datetime) -> None:
    entry.sequence += 1
    entry.changed_at = now
    entry.save()


def _visit(entry: CalendarEntry) -> CalendarVisit:
    return CalendarVisit(
        id=entry.id,
        sequence=entry.sequence,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        zone=entry.visit.location.zone,
        cancelled=entry.cancelled,
        changed_at=entry.changed_at,
    )
