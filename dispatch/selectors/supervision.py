"""How many infusions a market's clinicians can watch, and when they can watch no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from dispatch.domain.clock import instant, seconds
from dispatch.domain.people import Actor
from dispatch.domain.visit import UNDER_WAY
from dispatch.models import Reservation, Supervision
from dispatch.planning.problem import Request
from dispatch.planning.rules import Span
from dispatch.planning.supervision import Attention, Duty, full
from dispatch.planning.timing import NEVER

LOOKED_AROUND = timedelta(days=2)
"""How far around a window it is told where there is room: a visit may be moved there."""
LONGEST = timedelta(days=1)
"""No window and no visit is longer."""
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class SupervisionLine:
    """A duty: which clinician (by username) watches how many infusions at once, and when."""

    id: UUID
    clinician: str
    infusions: int
    begins_at: datetime
    ends_at: datetime | None


def supervisions_of(by: Actor) -> QuerySet[Supervision]:
    """The rows behind a page of the market's duties, past ones too."""
    return Supervision.objects.filter(market_id=by.market_id).select_related("clinician")


def supervision_line(duty: Supervision) -> SupervisionLine:
    name = duty.clinician.username
    return SupervisionLine(duty.id, name, duty.infusions, duty.begins_at, duty.ends_at)


def full_spans(
    market_id: UUID, asked: Request, *, instead_of: UUID | None, now: datetime
) -> tuple[Span, ...]:
    """Return when the market's clinicians can watch no more infusions, around the window asked for.

    Counted are the other visits and live holds, each wherever inside its window it may be, and to
    when it is expected where it runs late; what has begun, from its own times. The time of the
    reservation it is ``instead_of`` is its own already, also where fewer clinicians are on duty
    than when it was promised.
    """
    duties = _duties(market_id)
    if not duties:
        return ()
    start = max(instant(asked.earliest) - LOOKED_AROUND, now)
    end = max(start, instant(asked.latest + asked.service) + LOOKED_AROUND)
    taken: Counter[Span] = Counter()
    kept: list[Span] = []
    for begins, ends, own, infusions in _infusions(market_id, start, end, instead_of, now):
        span = (int(begins.timestamp()), seconds(ends))
        if own:
            kept.append(span)
        else:
            taken[span] += infusions
    return full(duties, taken, (int(start.timestamp()), seconds(end)), kept)


def attention_on(
    market_id: UUID, start: datetime, end: datetime, *, now: datetime
) -> Attention | None:
    """Return what can be watched in [start, end) and is already; None where nobody need watch."""
    duties = _duties(market_id)
    if not duties:
        return None
    taken: Counter[Span] = Counter()
    for begins, ends, _, infusions in _infusions(market_id, start, end, None, now):
        taken[int(begins.timestamp()), seconds(ends)] += infusions
    return Attention(tuple(duties), taken)


def _duties(market_id: UUID) -> list[Duty]:
    rows = Supervision.objects.filter(market_id=market_id).values_list(
        "begins_at", "ends_at", "infusions"
    )
    return [
        Duty(seconds(begins), NEVER if ends is None else int(ends.timestamp()), infusions)
        for begins, ends, infusions in rows
    ]


def _infusions(
    market_id: UUID, start: datetime, end: datetime, own: UUID | None, now: datetime
) -> Iterable[tuple[datetime, datetime, bool, int]]:
    """From when until when infusions that are still to end may go on, whether it is the own one,
    and how many: windows begin on a grid, so that many share a span."""
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
                default=Greatest(Coalesce("visit__window_end", "hold__window_end"), "start_at")
                + (F("infusion_until") - F("start_at")),
            ),
            own=Case(When(id=own or NOBODY, then=Value(value=True)), default=Value(value=False)),
        )
        .values_list("begins", "ends", "own")
        .annotate(Count("id"))
        .order_by()
    )
