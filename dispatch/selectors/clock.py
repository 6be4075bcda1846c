"""What time it is in a market: the database's clock, moved only where the market is a demo."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from dispatch.domain.clock import service_date
from dispatch.domain.errors import NotFound
from dispatch.models import Market
from dispatch.models.clock import ClockTimestamp


def market_now(market_id: UUID) -> datetime:
    """Return the market's present instant. Raises NotFound for an unknown market."""
    row = (
        Market.objects.filter(id=market_id)
        .annotate(clock=ClockTimestamp())
        .values_list("clock", "clock_offset")
        .first()
    )
    if row is None:
        raise NotFound("market")
    return row[0] + row[1]


def markets_now(market_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """Return the present instant of each of these markets, by one look at the clock."""
    rows = Market.objects.filter(id__in=set(market_ids)).annotate(clock=ClockTimestamp())
    offsets = rows.values_list("id", "clock", "clock_offset")
    return {market_id: clock + offset for market_id, clock, offset in offsets}


def market_today(market_id: UUID) -> date:
    """Return the day that it is by the market's clocks."""
    return service_date(market_now(market_id), zone_of(market_id))


def zone_of(market_id: UUID) -> str:
    """Return the time zone of the market's clocks."""
    return Market.objects.values_list("zone", flat=True).get(id=market_id)


def clock_offset_of(market_id: UUID) -> timedelta:
    """Return by how much the market's clock is ahead of the database's: nothing but in a demo."""
    return Market.objects.values_list("clock_offset", flat=True).get(id=market_id)
