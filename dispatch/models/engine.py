"""What the delivery engine remembers of itself: one row, which is restored with everything else."""

from django.db import models
from django.db.models import Q

THE_ONE = 1


class DeliveryEngine(models.Model):
    """One row for all processes; every time in it is by the database's own clock.

    ``fingerprint`` is of the database that the row was last seen in: another one is a restored one.
    Between ``lost_since`` and ``held_since`` messages may have gone out of which this database
    does not know. ``look_at`` is when one process looks for what is missing next; ``cursor`` is
    the visit it came to, ``round`` what it found so far, and ``last_round`` what the round before
    found.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    fingerprint = models.CharField(max_length=128)
    held_since = models.DateTimeField(null=True)
    held_because = models.CharField(max_length=16, default="", blank=True)
    lost_since = models.DateTimeField(null=True)
    look_at = models.DateTimeField()
    cursor = models.UUIDField(null=True)
    round = models.JSONField(default=dict)
    last_round = models.JSONField(default=dict)
    reconciled_at = models.DateTimeField(null=True)
    planned_total = models.PositiveBigIntegerField(default=0)
    withdrawn_total = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "delivery_engine"
        constraints = [
            models.CheckConstraint(name="one_delivery_engine", condition=Q(id=THE_ONE)),
            models.CheckConstraint(
                name="a_hold_has_its_reason",
                condition=Q(held_since__isnull=True, held_because="")
                | Q(held_since__isnull=False, held_because__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return f"DeliveryEngine {self.fingerprint}"
