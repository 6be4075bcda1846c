"""Whether a day has changed since somebody looked, told without reading it.

PostgreSQL keeps with every row the transaction that wrote it. A digest over those of a day changes
with each change that has been committed, whoever made it, and with nothing else.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

A_DAY = timedelta(days=1)
"""No window is longer: what touches a day is of the day before, of it, or of the next."""

WRITTEN = """
    WITH near AS (
        SELECT id, patient_id, service_date, status, xmin AS by FROM visit
        WHERE market_id = %(market)s AND service_date BETWEEN %(first)s AND %(last)s
    ), of_day AS (
        SELECT id, nurse_id, xmin AS by FROM shift
        WHERE market_id = %(market)s AND service_date = %(day)s
    ), on_day AS (SELECT id FROM near WHERE service_date = %(day)s
    ), treated AS (
        SELECT patient_id FROM near WHERE service_date = %(day)s OR status = 'requested'
    )
    SELECT count(*), sum(hashtextextended(concat(id, by), 0)) FROM (
        SELECT id, by FROM near
        UNION ALL SELECT id, by FROM of_day
        UNION ALL SELECT id, xmin FROM nurse WHERE id IN (SELECT nurse_id FROM of_day)
        UNION ALL SELECT id, xmin FROM reservation WHERE shift_id IN (SELECT id FROM of_day)
        UNION ALL SELECT id, xmin FROM companion_request WHERE visit_id IN (TABLE on_day)
        UNION ALL SELECT id, xmin FROM custody_entry WHERE visit_id IN (TABLE on_day)
        UNION ALL SELECT signature.id, signature.xmin FROM custody_signature signature
            JOIN custody_entry entry ON entry.id = signature.entry_id
            WHERE entry.visit_id IN (TABLE on_day)
        UNION ALL SELECT id, xmin FROM message
            WHERE market_id = %(market)s AND state = 'dead' AND visit_id IN (TABLE on_day)
        UNION ALL SELECT id, xmin FROM screening WHERE patient_id IN (TABLE treated)
        UNION ALL SELECT id, xmin FROM supervision WHERE market_id = %(market)s
        UNION ALL SELECT id, xmin FROM market WHERE id = %(market)s
    ) AS written
"""


def pulse_of(market_id: UUID, day: date, *, now: datetime) -> str:
    """Return a mark that is another one as soon as the board of that day would show anything else:
    a row was written, or the next minute has begun. One query."""
    days = {"day": day, "first": day - A_DAY, "last": day + A_DAY}
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, {"market": market_id, **days})
        rows, digest = cursor.fetchone()
    return f"{rows}-{digest or 0}-{int(now.timestamp()) // 60}"
