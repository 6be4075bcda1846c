"""What must hold after a run, asked of PostgreSQL and of the provider's journal in plain SQL.

It shares no code with the service; the schedule is judged by the oracle of the races.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tests.concurrency.oracle import faults as schedule_faults
from tests.harness.load import Journal
from tests.harness.outages import Span

Connection = psycopg.Connection[tuple]
Accepted = list[dict[str, Any]]

DUE_STILL = """
    SELECT m.id FROM message m JOIN market k ON k.id = m.market_id
    WHERE m.state = 'dead' OR m.state = 'due' AND m.due_at <= clock_timestamp() + k.clock_offset
"""
SAID_TO_BE_SENT = """
    SELECT m.id, array_agg(a.provider_id) FILTER (WHERE a.provider_id <> '')
    FROM message m LEFT JOIN message_attempt a ON a.message_id = m.id
    WHERE m.state = 'sent' AND m.channel = 'text' GROUP BY m.id
"""
NEVER_TOLD = """
    SELECT v.id FROM visit v WHERE v.status = 'assigned' AND NOT EXISTS (
        SELECT FROM message m WHERE m.visit_id = v.id AND m.state = 'sent' AND m.move = v.moves
        AND m.kind IN ('confirmation', 'rescheduled'))
    UNION ALL
    SELECT v.id FROM visit v WHERE v.status = 'cancelled' AND NOT EXISTS (
        SELECT FROM message m WHERE m.visit_id = v.id AND m.state = 'sent'
        AND m.kind = 'cancelled')
"""
BEGUN_FOR = """
    SELECT m.person_id, count(DISTINCT m.id)
    FROM message m JOIN message_attempt a ON a.message_id = m.id GROUP BY m.person_id
"""
NOT_DELIVERED = "SELECT id FROM outbox_event WHERE done_at IS NULL"
BEGUN_AFTER_CANCEL = """
    SELECT b.attempt_id FROM begun b JOIN message_attempt a ON a.id = b.attempt_id
    JOIN message m ON m.id = a.message_id
    JOIN audit_entry c ON c.subject_id = m.visit_id AND c.subject = 'visit' AND c.verb = 'cancel'
    WHERE m.kind <> 'cancelled'
    AND pg_xact_commit_timestamp(b.xmin) > pg_xact_commit_timestamp(c.xmin)
"""
SENT = """
    SELECT m.id, m.kind, m.visit_id, extract(epoch FROM m.due_at - k.clock_offset)::float8,
           a.provider_id, extract(epoch FROM (
               SELECT max(pg_xact_commit_timestamp(c.xmin)) FROM audit_entry c
               WHERE c.subject_id = m.visit_id AND c.verb = m.verb))::float8
    FROM (SELECT *, CASE kind WHEN 'confirmation' THEN 'book' WHEN 'rescheduled' THEN 'reschedule'
                    WHEN 'cancelled' THEN 'cancel' END AS verb FROM message) m
    JOIN market k ON k.id = m.market_id JOIN message_attempt a ON a.message_id = m.id
    WHERE m.state = 'sent' AND a.provider_id <> ''
"""


@dataclass
class Findings:
    """Ids of the rows that violate, by what they violate, and how late messages were, in s."""

    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    late: list[tuple[float, str]] = field(default_factory=list)

    def count(self, name: str) -> int:
        return len(self.violations.get(name, ()))

    def late_at(self, share: float) -> float:
        """Return the lateness that this share of messages does not exceed."""
        if not self.late:
            return math.inf
        return sorted(self.late)[math.ceil(share * len(self.late)) - 1][0]


def judge(
    connection: Connection,
    accepted: Accepted,
    journal: Journal,
    phones: Mapping[str, UUID],
    outages: Iterable[Span],
) -> Findings:
    """Look for everything that must not be; ``phones`` says whose each number is."""
    found = Findings()
    for name, rows in schedule_faults().items():
        found.violations["overlaps"] += [f"{name}: {row}" for row in rows]
    found.violations["lost"] += _lost(connection, journal)
    found.violations["unsent"] += _unsent(connection, accepted)
    found.violations["twice"] += twice(accepted) + _too_many(connection, accepted, phones)
    found.violations["after_cancel"] += _ids(connection, BEGUN_AFTER_CANCEL)
    found.late = _lateness(connection, accepted, journal, list(outages))
    return found


def twice(accepted: Accepted) -> list[str]:
    """Return what one number got twice, word for word."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in accepted:
        seen[one["to"], one["body"]].append(one["sid"])
    return [" = ".join(sids) for sids in seen.values() if len(sids) > 1]


def _too_many(connection: Connection, accepted: Accepted, phones: Mapping[str, UUID]) -> list[str]:
    """Return whoever got more texts than there were messages to them: words may differ."""
    begun = dict(connection.execute(BEGUN_FOR).fetchall())
    got = Counter(one["to"] for one in accepted)
    more = [(to, count) for to, count in got.items() if count > begun.get(phones[to], 0)]
    return [f"{to} got {count} texts of {begun.get(phones[to], 0)} messages" for to, count in more]


def _lost(connection: Connection, journal: Journal) -> list[str]:
    rows = connection.execute(
        "SELECT id, idempotency_key, status, window_start FROM visit"
    ).fetchall()
    visits = {row[0]: row for row in rows}
    lost = [f"visit {one.visit_id}" for one in journal.booked if one.visit_id not in visits]
    by_key: dict[str, list[UUID]] = defaultdict(list)
    for visit_id, key, _, _ in rows:
        by_key[key].append(visit_id)
    lost += [f"booked twice under a key: {ids}" for ids in by_key.values() if len(ids) > 1]
    lost += [
        f"not called off: {one}" for one in journal.called_off if visits[one][2] != "cancelled"
    ]
    lost += [
        f"not moved: {one}"
        for one, start in journal.moved
        if visits[one][3] != datetime.fromisoformat(start)
    ]
    return lost + [f"event {one}" for one in _ids(connection, NOT_DELIVERED)]


def _unsent(connection: Connection, accepted: Accepted) -> list[str]:
    known = {one["sid"] for one in accepted}
    unsent = [f"message {one}" for one in _ids(connection, DUE_STILL)]
    for message_id, sids in connection.execute(SAID_TO_BE_SENT).fetchall():
        if not known & set(sids or ()):
            unsent.append(f"message {message_id}, unknown to the provider")
    return unsent + [f"never told of visit {one}" for one in _ids(connection, NEVER_TOLD)]


def _lateness(
    connection: Connection, accepted: Accepted, journal: Journal, outages: list[Span]
) -> list[tuple[float, str]]:
    """Return seconds from when each message should have gone to when the provider had it.

    What answers a booking, a move or a call-off is due with its commit, whatever its row says;
    the confirmation of a time that was found later, when it was found.
    """
    taken = {one["sid"]: one["accepted_at"] for one in accepted}
    held = {one.visit_id: one.held for one in journal.booked}
    ends = [end for _, end in outages]
    first: dict[UUID, tuple[float, float, str]] = {}
    for message_id, kind, visit_id, due, sid, committed in connection.execute(SENT).fetchall():
        if sid not in taken:
            continue
        at_once = committed is not None and (kind != "confirmation" or held.get(visit_id, False))
        since, at = committed if at_once else due, taken[sid]
        if message_id not in first or at < first[message_id][1]:
            first[message_id] = (since, at, kind)
    return [
        (at - max(since, _last_before(ends, at)), f"{kind} {message_id}")
        for message_id, (since, at, kind) in first.items()
    ]


def _last_before(ends: list[float], moment: float) -> float:
    """Return the end of the last outage before this moment, of ``ends`` in order."""
    place = bisect_right(ends, moment)
    return ends[place - 1] if place else 0.0


def _ids(connection: Connection, query: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(query).fetchall()]


def summary(found: Findings, journal: Journal, messages: int) -> dict[str, float]:
    """Return the run in one object."""
    return {
        "bookings": len(journal.booked),
        "messages": messages,
        "overlaps": found.count("overlaps"),
        "lost": found.count("lost"),
        "unsent": found.count("unsent"),
        "twice": found.count("twice"),
        "after_cancel": found.count("after_cancel"),
        "late_p99_s": round(found.late_at(0.99), 2),
        "late_max_s": round(found.late_at(1), 2),
    }
