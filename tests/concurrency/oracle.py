"""What must hold of the schedule whatever was done to it, asked of the tables in plain SQL."""

from math import asin, cos, radians, sin, sqrt

from django.db import connection

OVERLAPPING = """
    SELECT one.id FROM reservation one JOIN reservation other
    ON one.id < other.id AND one.{who} = other.{who}
    AND tstzrange(one.{begins}, one.end_at) && tstzrange(other.{begins}, other.end_at)
"""

NEVER = {
    "a nurse in two places": OVERLAPPING.format(who="nurse_id", begins="leave_at"),
    "a patient in two visits": OVERLAPPING.format(who="patient_id", begins="start_at"),
    "time that belongs to nobody, or to two": """
        SELECT r.id FROM reservation r
        LEFT JOIN hold h ON h.reservation_id = r.id LEFT JOIN visit v ON v.reservation_id = r.id
        WHERE (h.id IS NULL) = (v.id IS NULL)
    """,
    "a start outside the promised window": """
        SELECT r.id FROM reservation r
        LEFT JOIN hold h ON h.reservation_id = r.id LEFT JOIN visit v ON v.reservation_id = r.id
        WHERE NOT r.start_at BETWEEN coalesce(h.window_start, v.window_start)
                                 AND coalesce(h.window_end, v.window_end)
    """,
    "an assigned visit that is not its nurse's": """
        SELECT v.id FROM visit v LEFT JOIN reservation r ON r.id = v.reservation_id
        LEFT JOIN assignment a ON a.visit_id = v.id AND a.until IS NULL
        WHERE v.status = 'assigned' AND
              (r.id IS NULL OR a.id IS NULL OR a.nurse_id <> r.nurse_id
               OR r.patient_id <> v.patient_id)
    """,
    "an assignment of a visit that has none": """
        SELECT v.id FROM visit v JOIN assignment a ON a.visit_id = v.id AND a.until IS NULL
        WHERE v.status IN ('requested', 'cancelled')
    """,
    "more infusions at once than clinicians watch": """
        WITH infusion AS (
            SELECT r.id, r.market_id,
                   coalesce(h.window_start, v.window_start) + (infusion_from - start_at) AS begins,
                   coalesce(h.window_end, v.window_end) + (infusion_until - start_at) AS ends
            FROM reservation r
            LEFT JOIN hold h ON h.reservation_id = r.id LEFT JOIN visit v ON v.reservation_id = r.id
        )
        SELECT one.id FROM infusion one JOIN infusion other
        ON one.market_id = other.market_id
        AND other.begins <= one.begins AND one.begins < other.ends
        GROUP BY one.id, one.market_id, one.begins HAVING count(*) > (
            SELECT sum(s.infusions) FROM supervision s WHERE s.market_id = one.market_id
            AND s.begins_at <= one.begins AND coalesce(s.ends_at, 'infinity') > one.begins
        )
    """,
    "a reservation outside its nurse's shift": """
        SELECT r.id FROM reservation r JOIN shift s ON s.id = r.shift_id
        WHERE r.nurse_id <> s.nurse_id OR r.leave_at < s.start_at OR r.end_at > s.end_at
    """,
}

STOPS = """
    SELECT r.shift_id, s.home_lat, s.home_lng, l.lat, l.lng, m.speed_kmh,
           extract(epoch FROM r.start_at - r.leave_at)
    FROM reservation r JOIN shift s ON s.id = r.shift_id JOIN market m ON m.id = r.market_id
    LEFT JOIN hold h ON h.reservation_id = r.id LEFT JOIN visit v ON v.reservation_id = r.id
    JOIN location l ON l.id = coalesce(h.location_id, v.location_id)
    ORDER BY r.shift_id, r.start_at
"""


def faults() -> dict[str, list[object]]:
    """Every rule that is broken, with the rows that break it; empty where all is well."""
    found = {name: [row[0] for row in _rows(query)] for name, query in NEVER.items()}
    found["a drive faster than the crow flies"] = list(_impossible_drives())
    return {name: rows for name, rows in found.items() if rows}


def _impossible_drives() -> list[object]:
    too_fast, before = [], (None, 0.0, 0.0)
    for shift, home_lat, home_lng, lat, lng, speed, driving in _rows(STOPS):
        origin = before[1:] if before[0] == shift else (home_lat, home_lng)
        if float(driving) < 0.99 * 3600 * _km(origin, (lat, lng)) / speed:
            too_fast.append(shift)
        before = (shift, lat, lng)
    return too_fast


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat_a, lng_a, lat_b, lng_b = map(radians, (*a, *b))
    chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lng_b - lng_a) / 2) ** 2
    return 2 * 6371 * asin(sqrt(chord))


def _rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
