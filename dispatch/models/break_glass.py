"""The times somebody looked at a patient's record beyond what their role may see."""

from django.db import models
from django.db.models import F, Q

from dispatch.domain.break_glass import LONGEST_GRANT
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow


class BrokenGlass(MarketRow):
    """A look at one patient's record beyond a role's reach: why, until when, and who reviewed it.

    The application may end and review it, and change nothing else.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=16)
    reason = EncryptedText()
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    finding = EncryptedText(default="", blank=True)

    class Meta:
        db_table = "broken_glass"
        indexes = [models.Index(fields=["opened_by", "patient", "until"], name="glass_of_whom")]
        constraints = [
            models.CheckConstraint(
                name="glass_is_broken_for_an_hour_at_most",
                condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + LONGEST_GRANT),
            ),
            models.CheckConstraint(
                name="glass_is_reviewed_by_somebody_else",
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | (
                    Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
                    & ~Q(reviewed_by=F("opened_by"))
                ),
            ),
        ]
