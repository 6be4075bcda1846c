"""Zone arithmetic, and only here: wall-clock times to instants and back.

Instants are aware datetimes in UTC. A wall time that the spring change skips is refused; of the
two that the autumn change repeats the first is meant.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.domain.sentences import Sentence

MOST_MINUTES_SKIPPED = 180


class NoSuchTime(ValueError):
    """The clocks jump over this wall time on that day."""


def to_instant(day: date, at: time, zone: str) -> datetime:
    """Return the instant at which the clocks of ``zone`` show ``day`` and ``at``.

    Raises NoSuchTime where the spring change skips that time.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=ZoneInfo(zone))
    instant = wall.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        pattern = "{day} {time} does not exist in {zone}: the clocks are put forward."
        raise NoSuchTime(Sentence(pattern, day=str(day), time=f"{at:%H:%M}", zone=zone))
    return instant


def to_instant_or_next(day: date, at: time, zone: str) -> datetime:
    """Return the same, or the first minute after what the spring change skips."""
    wall = datetime.combine(day, at)
    for minutes in range(MOST_MINUTES_SKIPPED + 1):
        later = wall + timedelta(minutes=minutes)
        try:
            return to_instant(later.date(), later.time(), zone)
        except NoSuchTime:
            continue
    raise NoSuchTime(f"{day} {at:%H:%M} has nothing after it in {zone}.")


def local(instant: datetime, zone: str) -> datetime:
    """Return the instant as the clocks of ``zone`` show it."""
    return instant.astimezone(ZoneInfo(zone))


def service_date(instant: datetime, zone: str) -> date:
    """Return the local day on which a visit that starts at ``instant`` is served."""
    return local(instant, zone).date()


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which the local day begins and ends; 23, 24 or 25 hours apart."""
    midnight = time()
    return (
        to_instant_or_next(day, midnight, zone),
        to_instant_or_next(day + timedelta(days=1), midnight, zone),
    )


def instant_from(text: str, zone: str) -> datetime:
    """Read an ISO 8601 time; without an offset it is the wall time of ``zone``.

    Raises ValueError where it cannot be read, NoSuchTime where the wall time is skipped – also
    when it is sent with one of the zone's own offsets, which only looks like an instant.
    """
    value = datetime.fromisoformat(text)
    wall = value.replace(tzinfo=None)
    if value.tzinfo is None:
        return to_instant(wall.date(), wall.time(), zone)
    offsets = {local(value + timedelta(hours=h), zone).utcoffset() for h in (-3, 3)}
    if len(offsets) > 1 and value.utcoffset() in offsets:
        to_instant(wall.date(), wall.time(), zone)
    return value.astimezone(UTC)


def seconds(moment: datetime) -> int:
    """Return whole epoch seconds, rounded up: nothing begins before it may."""
    return -int(-moment.timestamp() // 1)


def instant(epoch: int) -> datetime:
    """Return the instant of an epoch second."""
    return datetime.fromtimestamp(epoch, UTC)
