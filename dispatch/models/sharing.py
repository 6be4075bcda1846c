"""What patients agree to share, and with whom."""

from django.db import models
from django.db.models import Q

from dispatch.domain.sharing import REACHED_BY, RecipientKind
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow


class SharingConsent(MarketRow):
    """One recipient who is sent the summaries of a patient's visits, until it is withdrawn."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sharing_consents")
    recipient = models.CharField(max_length=32)
    name = EncryptedText()
    channel = models.CharField(max_length=16)
    contact = EncryptedText()
    text_version = models.PositiveIntegerField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sharing_consent"
        constraints = [
            models.CheckConstraint(
                name="sharing_recipient_known",
                condition=Q(recipient__in=[kind.value for kind in RecipientKind]),
            ),
            models.CheckConstraint(
                name="sharing_channel_known",
                condition=Q(channel__in=[channel.value for channel in REACHED_BY]),
            ),
            models.UniqueConstraint(
                name="one_recipient_of_a_kind",
                fields=["patient", "recipient"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]
