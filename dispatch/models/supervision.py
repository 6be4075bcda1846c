"""Who watches the infusions of a market from afar, when, and how many at a time."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.people import User
from dispatch.models.row import MarketRow


class Supervision(MarketRow):
    """A clinician watches at most ``infusions`` at a time from ``begins_at``, until ``ends_at`` or
    further notice.

    A market's limit at an instant is the sum over the clinicians on duty. A market that has no row
    here has none; one that has is not to treat while nobody is on duty.
    """

    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    infusions = models.PositiveSmallIntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "supervision"
        constraints = [
            models.CheckConstraint(name="watches_somebody", condition=Q(infusions__gte=1)),
            models.CheckConstraint(
                name="supervision_ends_later",
                condition=Q(ends_at__isnull=True) | Q(begins_at__lt=F("ends_at")),
            ),
        ]
