"""How much work is due, and for how long: what the poll and the readiness check look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet

from dispatch.domain.consults import ConsultState
from dispatch.domain.jobs import JobState
from dispatch.domain.visit import Status
from dispatch.models import Consult, Hold, Market, Message, OutboxEvent, PlanJob, Series, Visit
from dispatch.models.clock import DATABASE_CLOCK, MARKET_CLOCK, database_now
from dispatch.models.visits import AT_THE_DOOR

QUIET = timedelta(minutes=5)
"""How long after its time the next word from the door is waited for."""
WAITED_FOR = timedelta(hours=2)
NEXT_EXPECTED = {
    Status.EN_ROUTE: "start_at",
    Status.ARRIVED: "infusion_from",
    Status.IN_TREATMENT: "infusion_until",
    Status.RECOVERING: "end_at",
}
"""Until when the next word is expected, by what was heard last."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Rows that are due, and the seconds for which the oldest has been; series count as visits."""

    events: int
    visits: int
    messages: int
    rooms: int
    oldest_s: float


def visits_to_assign(limit: int) -> tuple[tuple[UUID, UUID], ...]:
    """Return visit and market of those for which a nurse is to be found now, longest due first."""
    due = _visits_due().order_by("assign_due_at")
    return tuple(due.values_list("id", "market_id")[:limit])


def series_to_replan(limit: int) -> tuple[tuple[UUID, UUID], ...]:
    """Return series and market of those to be planned anew now, longest due first."""
    due = _series_due().order_by("replan_due_at")
    return tuple(due.values_list("id", "market_id")[:limit])


def shifts_with_lapsed_holds() -> tuple[tuple[UUID, UUID], ...]:
    """Return shift and market of the holds that have run out and still stand."""
    lapsed = Hold.objects.filter(expires_at__lte=MARKET_CLOCK).order_by().distinct()
    return tuple(lapsed.values_list("reservation__shift_id", "market_id"))


def visits_gone_quiet() -> tuple[tuple[UUID, UUID], ...]:
    """Return visit and market of those under way of which no word came when it was expected.

    Hours after the end of the shift nobody waits for it any more.
    """
    quiet_since = MARKET_CLOCK - QUIET
    overdue = [
        Q(status=status.value, **{f"reservation__{expected}__lt": quiet_since})
        for status, expected in NEXT_EXPECTED.items()
    ]
    rows = Visit.objects.filter(
        reduce(or_, overdue),
        status__in=AT_THE_DOOR,
        reservation__shift__end_at__gt=MARKET_CLOCK - WAITED_FOR,
    )
    return tuple(rows.values_list("id", "market_id"))


def jobs_to_do() -> QuerySet[PlanJob]:
    """Return what the planner was asked and nobody works out: asked anew, or left by a worker."""
    left = Q(state=JobState.RUNNING.value, lease_until__lt=DATABASE_CLOCK)
    return PlanJob.objects.filter(Q(state=JobState.QUEUED.value) | left)


def jobs_wait_s() -> float | None:
    """Return for how many seconds the longest of them has been waiting; None where none is."""
    count, waited = _late(jobs_to_do(), DATABASE_CLOCK - F("waiting_since"))
    return waited if count else None


def rooms_to_open() -> QuerySet[Consult]:
    """Return the consults that have no room yet and are not over, and that nobody has."""
    return Consult.objects.filter(
        _past("lease_until"),
        _past("retry_at"),
        state=ConsultState.ASKED.value,
        ends_at__gt=MARKET_CLOCK,
    )


def lag() -> Lag:
    """Count what is due now and measure how late the oldest is, in the market's own time."""
    late = [
        _late(
            OutboxEvent.objects.filter(done_at__isnull=True, available_at__lte=DATABASE_CLOCK),
            DATABASE_CLOCK - F("available_at"),
        ),
        _late(_visits_due(), MARKET_CLOCK - F("assign_due_at")),
        _late(_series_due(), MARKET_CLOCK - F("replan_due_at")),
        _late(_messages_due(), MARKET_CLOCK - F("due_at")),
        _late(rooms_to_open(), MARKET_CLOCK - F("asked_at")),
    ]
    events, visits, series, messages, rooms = (count for count, _ in late)
    return Lag(events, visits + series, messages, rooms, max(seconds for _, seconds in late))


def _messages_due() -> QuerySet[Message]:
    """Each half reads its own index, up to where something may be due in one market or another."""
    clock = database_now()
    ahead = Market.objects.aggregate(ahead=Max("clock_offset"))["ahead"] or timedelta()
    first = Q(retry_at__isnull=True, due_at__lte=clock + ahead)
    again = Q(retry_at__isnull=False, retry_at__lte=clock)
    due = Message.objects.filter(first | again, state="due", due_at__lte=MARKET_CLOCK)
    return due.filter(_past("lease_until"))


def _visits_due() -> QuerySet[Visit]:
    return Visit.objects.filter(status=Status.REQUESTED.value, assign_due_at__lte=MARKET_CLOCK)


def _series_due() -> QuerySet[Series]:
    return Series.objects.filter(replan_due_at__lte=MARKET_CLOCK)


def _past(field: str) -> Q:
    """The technical time in this column, if any, is over."""
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lt": DATABASE_CLOCK})


def _late(rows: QuerySet[Any], how_late: Any) -> tuple[int, float]:
    waited = ExpressionWrapper(how_late, output_field=DurationField())
    found = rows.aggregate(count=Count("pk"), oldest=Max(waited))
    oldest: timedelta | None = found["oldest"]
    return found["count"], 0.0 if oldest is None else oldest.total_seconds()
