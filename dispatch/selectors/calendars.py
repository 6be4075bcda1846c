"""Whose calendar a secret link leads to, and which visits it should show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from dispatch.domain.calendar import AHEAD, BEHIND
from dispatch.domain.errors import NotFound
from dispatch.domain.ids import digest
from dispatch.domain.visit import ON_ROUTE
from dispatch.models import CalendarLink, Visit


def standing_link(nurse_id: UUID) -> CalendarLink | None:
    """Return the nurse's link, if there is one that has not ended."""
    return CalendarLink.objects.filter(nurse_id=nurse_id, ended_at__isnull=True).first()


def calendar_behind(secret: str) -> CalendarLink:
    """Return the link; NotFound for one that is unknown or ended, or whose nurse has left."""
    found = CalendarLink.objects.filter(
        secret_digest=digest(secret), ended_at__isnull=True, nurse__user__is_active=True
    ).first()
    if found is None:
        raise NotFound("calendar")
    return found


def visits_in_calendar(
    nurse_id: UUID, told: Iterable[UUID], *, now: datetime
) -> dict[UUID, tuple[datetime, datetime]]:
    """Return begin and end of the visits on the nurse's routes: those of the time that a calendar
    shows, and those ``told`` wherever they stand."""
    near = Q(reservation__end_at__gt=now - BEHIND, reservation__start_at__lt=now + AHEAD)
    visits = Visit.objects.filter(
        near | Q(id__in=list(told)),
        reservation__nurse_id=nurse_id,
        status__in=[status.value for status in ON_ROUTE],
    )
    rows = visits.values_list("id", "reservation__start_at", "reservation__end_at")
    return {visit_id: (starts_at, ends_at) for visit_id, starts_at, ends_at in rows}
