"""How each line to a provider stands, the same for every process."""

from django.db import models

from dispatch.models.row import Row


class CarrierLine(Row):
    """One channel by one carrier; all times by the database's clock. See ``domain/lines.py``."""

    carrier = models.CharField(max_length=32)
    channel = models.CharField(max_length=16)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    tokens = models.FloatField(default=0.0)
    filled_at = models.DateTimeField()

    class Meta:
        db_table = "carrier_line"
        constraints = [
            models.UniqueConstraint(name="one_line_a_carrier", fields=["carrier", "channel"])
        ]
