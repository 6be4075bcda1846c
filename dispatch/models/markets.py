"""A market: one metropolitan area, planned as a whole; the tenant of every other row."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from dispatch.models.row import Row


class Market(Row):
    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(max_length=64)
    is_demo = models.BooleanField(default=False)
    clock_offset = models.DurationField(default=timedelta())
    detour_factor = models.FloatField(default=1.3)
    speed_kmh = models.FloatField(default=38.0)
    park_s = models.PositiveIntegerField(default=240)
    office_phone = models.CharField(max_length=32, default="", blank=True)
    version = models.PositiveIntegerField(default=1)
    """Counts what administrators change."""

    class Meta:
        db_table = "market"
        constraints = [
            models.CheckConstraint(
                name="only_demo_clocks_move",
                condition=Q(is_demo=True) | Q(clock_offset=timedelta()),
            )
        ]
