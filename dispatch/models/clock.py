"""The database's own clock, which leases and retries go by, in every process alike."""

from datetime import datetime

from django.db import connection, models
from django.db.models import ExpressionWrapper, F, Func


class ClockTimestamp(Func):
    """Now, and not the beginning of the transaction as ``now()`` would be."""

    function = "clock_timestamp"
    template = "clock_timestamp()"
    output_field = models.DateTimeField()


DATABASE_CLOCK = ClockTimestamp()

MARKET_CLOCK = ExpressionWrapper(
    ClockTimestamp() + F("market__clock_offset"), output_field=models.DateTimeField()
)
"""The time of a row's market, to compare its due times with."""


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
