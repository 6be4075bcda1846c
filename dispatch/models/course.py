"""What came of a treatment: clinicians' responses, and the scores of questionnaires over time.

Rows are only ever added; the latest counts. What they say is encrypted.
"""

from django.db import models
from django.db.models import Q

from dispatch.domain.scores import Instrument
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow
from dispatch.models.series import Series


class Response(MarketRow):
    """What a clinician found once a phase of a course was over, or of an induction elsewhere."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="responses")
    protocol_code = models.CharField(max_length=64)
    phase = models.CharField(max_length=64)
    course = models.PositiveSmallIntegerField(null=True)
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="+")
    elsewhere_on = models.DateField(null=True)
    improvement = EncryptedText()
    note = EncryptedText(default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "response"
        constraints = [
            models.CheckConstraint(
                name="response_to_a_course_or_elsewhere",
                condition=Q(course__isnull=False, elsewhere_on__isnull=True)
                | Q(course__isnull=True, series__isnull=True, elsewhere_on__isnull=False),
            )
        ]


class Score(MarketRow):
    """One questionnaire filled in: the items' answers as JSON, and their sum."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="scores")
    instrument = models.CharField(max_length=16)
    items = EncryptedText()
    total = EncryptedText()
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "score"
        constraints = [
            models.CheckConstraint(
                name="instrument_known",
                condition=Q(instrument__in=[one.value for one in Instrument]),
            )
        ]
