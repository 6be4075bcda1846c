"""When nurses work: a weekly rule, its exceptions, and the nurse-days that follow from both."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.people import Nurse
from dispatch.models.row import MarketRow


class ShiftRule(MarketRow):
    """Every week on this weekday (0 is Monday), by the market's clocks."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="shift_rules")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "shift_rule"
        constraints = [
            models.CheckConstraint(name="weekday_known", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="rule_ends_later", condition=Q(starts__lt=F("ends"))),
        ]


class ShiftException(MarketRow):
    """One day that differs from the rule: other hours, or none (both times null)."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="shift_exceptions")
    day = models.DateField()
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)

    class Meta:
        db_table = "shift_exception"
        constraints = [
            models.UniqueConstraint(name="one_exception_a_day", fields=["nurse", "day"]),
            models.CheckConstraint(
                name="exception_hours_whole",
                condition=Q(starts__isnull=True, ends__isnull=True) | Q(starts__lt=F("ends")),
            ),
        ]


class Shift(MarketRow):
    """A nurse-day: the nurse leaves home at ``start_at`` or later and is back by ``end_at``.

    Both are one instant where an absence has left nothing of it.
    """

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="shifts")
    service_date = models.DateField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    home_lat = models.FloatField()
    home_lng = models.FloatField()
    version = models.PositiveIntegerField(default=1)
    changed_in = models.BigIntegerField(default=0, editable=False)
    """The transaction that last changed the row or what stands on it; a trigger writes it."""

    class Meta:
        db_table = "shift"
        indexes = [
            models.Index(fields=["market", "service_date"], name="shift_market_day"),
            models.Index(fields=["market", "changed_in"], name="shift_changed"),
        ]
        constraints = [
            models.UniqueConstraint(name="one_shift_a_day", fields=["nurse", "service_date"]),
            models.CheckConstraint(name="shift_ends_later", condition=Q(start_at__lte=F("end_at"))),
        ]
