"""A market's coming routes, kept in the memory of each process and patched with what changed.

Nothing is told from process to process: each asks PostgreSQL, before every answer, which shifts and
nurses have changed since it last looked. ``changed_in`` is the number of the transaction that last
touched one (triggers write it, see the migration). The mark of a look is the oldest transaction
that was still running then: whatever was not to be seen yet has that number or a later one.
What the database does not write down lies in the snapshot: when holds run out, and that time goes
on, of which ``Gaps`` are a function.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from dispatch.domain.clock import seconds
from dispatch.models import Hold, Shift
from dispatch.planning import problem
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Travel
from dispatch.selectors.routes import coming_routes, routes_of, travel_in

MOST_MARKETS = 16
LOOKING_BACK = timedelta(days=1)
"""So long a shift stays after its end; the clocks of two requests may differ by less."""
EVER = datetime.max.replace(tzinfo=UTC)
NEVER = datetime.min.replace(tzinfo=UTC)

CHANGES = """
    SELECT 'mark', NULL, pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    UNION ALL
    SELECT 'shift', id, changed_in FROM shift
    WHERE market_id = %(market)s AND changed_in >= %(mark)s
    UNION ALL
    SELECT 'nurse', id, changed_in FROM nurse
    WHERE market_id = %(market)s AND changed_in >= %(mark)s
"""


def gaps_of(market_id: UUID, *, now: datetime) -> Gaps:
    """Return the gaps of the market's coming shifts, as those committed stand.

    Inside a transaction that has written they are read from the tables, which takes long: what is
    seen there may never be committed, and must not be kept.
    """
    if connection.in_atomic_block and _has_written():
        routes = coming_routes(market_id, now, now=now)
        return Gaps.of(routes, travel_in(market_id), seconds(now))
    return _snapshot(market_id).gaps(now)


def _has_written() -> bool:
    """PostgreSQL numbers a transaction at its first write or lock of a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])


@dataclass(eq=False)
class Snapshot:
    """One market in one process; its ``gaps`` may be asked for by several threads at once."""

    market_id: UUID
    _one_at_a_time: Lock = field(default_factory=Lock)
    _known: Gaps | None = None
    _mark: int = 0
    _seen: dict[UUID, int] = field(default_factory=dict)
    """Of what has changed since the mark: in which transaction, when it was read."""
    _holds: dict[UUID, tuple[datetime, datetime]] = field(default_factory=dict)
    """Of shifts with holds: from when until when the same ones count."""
    _since: datetime = EVER

    def gaps(self, now: datetime) -> Gaps:
        """Return the gaps as of ``now`` and of what was committed before the call."""
        with self._one_at_a_time:
            travel = travel_in(self.market_id)
            if self._fits(travel, now):
                self._catch_up(now)
            else:
                self._begin(travel, now)
            if self._known is None:
                raise RuntimeError("A snapshot that was brought up to date has gaps.")
            # drives to the place that is asked about are nobody's to keep
            return replace(self._known.at(seconds(now)), travel=travel)

    def _fits(self, travel: Travel, now: datetime) -> bool:
        return (
            self._known is not None
            and self._known.travel == travel
            and self._since <= now <= self._since + 3 * LOOKING_BACK
        )

    def _begin(self, travel: Travel, now: datetime) -> None:
        self._known, self._since = None, now - LOOKING_BACK
        mark, _, _ = self._changes(2**62)
        routes = coming_routes(self.market_id, self._since, now=now)
        self._holds = _spells(Hold.objects.filter(market_id=self.market_id), now)
        self._known, self._mark, self._seen = Gaps.of(routes, travel, seconds(now)), mark, {}

    def _catch_up(self, now: datetime) -> None:
        mark, shifts, nurses = self._changes(self._mark)
        stale = {one for one, when in shifts.items() if self._seen.get(one) != when}
        stale |= {one for one, (a, b) in self._holds.items() if not a <= now < b}
        renewed = {one for one, when in nurses.items() if self._seen.get(one) != when}
        if renewed:
            stale |= self._shifts_of(renewed)
        if stale:
            self._renew(stale, now)
        self._mark, self._seen = mark, shifts | nurses

    def _renew(self, stale: set[UUID], now: datetime) -> None:
        if self._known is None:
            return
        holds = _spells(Hold.objects.filter(reservation__shift_id__in=stale), now)
        fresh = [route for route in routes_of(stale, now=now) if self._comes(route)]
        kept = {one: spell for one, spell in self._holds.items() if one not in stale}
        self._holds = kept | holds
        self._known = self._known.with_routes(fresh, stale - {route.id for route in fresh})

    def _comes(self, route: problem.Shift) -> bool:
        return route.end > self._since.timestamp()

    def _shifts_of(self, nurses: Collection[UUID]) -> set[UUID]:
        """Also those that stand in the database no more."""
        known = () if self._known is None else self._known.shifts
        kept = Shift.objects.filter(nurse_id__in=nurses, end_at__gt=self._since)
        ids = set(kept.values_list("id", flat=True))
        return ids | {shift.id for shift in known if shift.nurse.id in nurses}

    def _changes(self, mark: int) -> tuple[int, dict[UUID, int], dict[UUID, int]]:
        """The new mark; shifts, and nurses, changed since the old one, with their transactions."""
        with connection.cursor() as cursor:
            cursor.execute(CHANGES, {"market": self.market_id, "mark": mark})
            (_, _, now), *rows = sorted(cursor.fetchall(), key=lambda row: row[0] != "mark")
        shifts = {one: when for kind, one, when in rows if kind == "shift"}
        return now, shifts, {one: when for kind, one, when in rows if kind == "nurse"}


@lru_cache(maxsize=MOST_MARKETS)
def _snapshot(market_id: UUID) -> Snapshot:
    return Snapshot(market_id)


def _spells(holds: QuerySet[Hold], now: datetime) -> dict[UUID, tuple[datetime, datetime]]:
    """Of each shift the time around ``now`` in which none of its holds runs out."""
    ends: dict[UUID, list[datetime]] = defaultdict(list)
    for shift_id, end in holds.values_list("reservation__shift_id", "expires_at"):
        ends[shift_id].append(end)
    return {
        shift_id: (
            max((end for end in times if end <= now), default=NEVER),
            min((end for end in times if end > now), default=EVER),
        )
        for shift_id, times in ends.items()
    }
