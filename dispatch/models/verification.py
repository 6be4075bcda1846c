"""What was verified of a visit, and how it was corrected; rows are added and never changed."""

from django.db import models
from django.db.models import Q

from dispatch.domain.verification import CorrectionReason, Element
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Nurse, Patient, User
from dispatch.models.row import MarketRow
from dispatch.models.visits import Visit

LATE = CorrectionReason.LATE_DEVICE_RECORD.value


class Verification(MarketRow):
    """The elements of one visit as they were known when it ended.

    ``service_date`` is the local day of the begin as first recorded; times are shown in ``zone``.
    """

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="verification")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="+")
    service_date = models.DateField()
    zone = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    billing = models.CharField(max_length=200)
    recipient = EncryptedText()
    address = EncryptedText()
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    provider = EncryptedText()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "visit_verification"
        indexes = [models.Index(fields=["market", "service_date"], name="verification_day")]


class VerificationCorrection(MarketRow):
    """One element corrected: what counted before, what counts from now on, why, and by whom.

    ``corrected_by`` is null where the nurse's phone told it later.
    """

    verification = models.ForeignKey(
        Verification, on_delete=models.PROTECT, related_name="corrections"
    )
    number = models.PositiveSmallIntegerField()
    element = models.CharField(max_length=32)
    reason = models.CharField(max_length=32)
    old_value = EncryptedText()
    new_value = EncryptedText()
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "verification_correction"
        constraints = [
            models.UniqueConstraint(
                name="corrections_are_numbered", fields=["verification", "number"]
            ),
            models.CheckConstraint(
                name="corrected_element_known",
                condition=Q(element__in=[one.value for one in Element]),
            ),
            models.CheckConstraint(
                name="correction_reason_known",
                condition=Q(reason__in=[one.value for one in CorrectionReason]),
            ),
            models.CheckConstraint(
                name="somebody_corrected_or_the_phone",
                condition=Q(reason=LATE, corrected_by__isnull=True)
                | (~Q(reason=LATE) & Q(corrected_by__isnull=False)),
            ),
        ]
