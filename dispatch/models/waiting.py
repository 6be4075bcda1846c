"""Who waits for a treatment at a place where it cannot be given yet."""

from django.db import models
from django.db.models import Q

from dispatch.domain.waiting import Unserved
from dispatch.models.people import Location, Patient, User
from dispatch.models.row import MarketRow


class WaitingEntry(MarketRow):
    """One treatment at one place, until it is ended; ``wording`` names what was agreed to."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    protocol_code = models.CharField(max_length=64)
    because = models.CharField(max_length=16)
    wording = models.CharField(max_length=64)
    since = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "waiting_entry"
        constraints = [
            models.CheckConstraint(
                name="waiting_because_known",
                condition=Q(because__in=[one.value for one in Unserved]),
            ),
            models.UniqueConstraint(
                name="waits_once",
                fields=["location", "protocol_code"],
                condition=Q(ended_at__isnull=True),
            ),
        ]
