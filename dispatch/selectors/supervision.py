"""How many infusions a market's clinicians can watch, and when they can watch no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from dispatch.domain.clock import instant, seconds
from dispatch.domain.visit import UNDER_WAY
from dispatch.models import Reservation, Supervision
from dispatch.planning.problem import Request
from dispatch.planning.rules import Span
from dispatch.planning.supervision import Duty, full
from dispatch.planning.timing import NEVER

LOOKED_AROUND = timedelta(days=2)
"""How far around a window it is told where there is room: a visit may be moved there."""
LONGEST = timedelta(days=1)
"""No window and no visit is longer."""


def full_spans(
    market_id: UUID, asked: Request, *, instead_of: UUID | None, now: datetime
) -> tuple[Span, ...]:
    """Return when the market's clinicians can watch no more infusions, around the window asked for.

    Counted are the other visits and live holds, each wherever inside its window it may be; what
    has begun, from its own times. The time of the reservation it is ``instead_of`` is its own
    already, also where fewer clinicians are on duty than when it was promised.
    """
    duties = _duties(market_id)
    if not duties:
        return ()
    start = max(instant(asked.earliest) - LOOKED_AROUND, now)
    end = max(start, instant(asked.latest + asked.service) + LOOKED_AROUND)
    taken: list[Span] = []
    kept: list[Span] = []
    for row_id, begins, ends in _infusions(market_id, start, end, now):
        span = (int(begins.timestamp()), seconds(ends))
        (kept if row_id == instead_of else taken).append(span)
    return full(duties, taken, (int(start.timestamp()), seconds(end)), kept)


def _duties(market_id: UUID) -> list[Duty]:
    rows = Supervision.objects.filter(market_id=market_id).values_list(
        "begins_at", "ends_at", "infusions"
    )
    return [
        Duty(seconds(begins), NEVER if ends is None else int(ends.timestamp()), infusions)
        for begins, ends, infusions in rows
    ]


def _infusions(
    market_id: UUID, start: datetime, end: datetime, now: datetime
) -> Iterator[tuple[UUID, datetime, datetime]]:
    """Each reservation whose infusion is still to end, and the span in which it may go on."""
    near: QuerySet[Reservation] = Reservation.objects.filter(
        market_id=market_id, start_at__gt=start - LONGEST, start_at__lt=end + LONGEST
    )
    lasts = F("infusion_until") - F("infusion_from")
    out = Q(visit__status__in=[status.value for status in UNDER_WAY])
    begun = Q(visit__infusion_started_at__isnull=False)
    return (
        near.filter(Q(hold__isnull=True) | Q(hold__expires_at__gt=now))
        .filter(visit__infusion_ended_at__isnull=True)
        .annotate(
            begins=Case(
                When(out, then=Coalesce("visit__infusion_started_at", "infusion_from")),
                default=Coalesce("visit__window_start", "hold__window_start")
                + (F("infusion_from") - F("start_at")),
            ),
            ends=Case(
                When(begun, then=Greatest(F("visit__infusion_started_at") + lasts, Value(now))),
                When(out, then=Greatest(F("infusion_from"), Value(now)) + lasts),
                default=Coalesce("visit__window_end", "hold__window_end")
                + (F("infusion_until") - F("start_at")),
            ),
        )
        .values_list("id", "begins", "ends")
        .iterator()
    )
