"""What allows a treatment: screening, clearance, order and consent, each dated."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.protocols import Protocol
from dispatch.models.row import MarketRow

OUTCOMES = ["cleared", "review", "refused"]


class Screening(MarketRow):
    """One questionnaire, answered; answers and reasons are JSON, encrypted."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="screenings")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    answers = EncryptedText()
    reasons = EncryptedText()
    outcome = models.CharField(max_length=16)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "screening"
        constraints = [
            models.CheckConstraint(name="outcome_known", condition=Q(outcome__in=OUTCOMES))
        ]


class Answer(MarketRow):
    """One answer of a patient to one question, whatever the form: the newest one counts.

    ``value`` is JSON; null stands for nothing to say.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=64)
    value = EncryptedText()
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "answer"
        indexes = [
            models.Index(fields=["patient", "question", "-answered_at"], name="answer_newest")
        ]


class Agreement(MarketRow):
    """The last dose of a medication, agreed by a prescriber with the patient's own provider."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="agreements")
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="agreements")
    question = EncryptedText()
    last_dose_on = EncryptedText()
    agreed_with = EncryptedText()
    agreed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "medication_agreement"


class Permission(MarketRow):
    """A dated permission: holds from ``since`` up to ``until`` unless withdrawn before."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)ss")
    since = models.DateTimeField()
    until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Clearance(Permission):
    """The patient may have this protocol: by the questionnaire, or by a clinician's decision."""

    protocol_code = models.CharField(max_length=64)
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="clearances")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "clearance"
        constraints = [
            models.CheckConstraint(name="clearance_ends_later", condition=Q(since__lt=F("until")))
        ]


class Order(Permission):
    """A prescriber's order: so many infusions of a protocol; doses in micrograms per kilogram.

    One ``to_confirm`` gives another dose than the last in force, and allows nothing until a second
    person has confirmed it. ``diagnoses`` are ICD-10 codes, a JSON list. Triggers see to it that a
    signed order is only ever confirmed and withdrawn.
    """

    protocol_code = models.CharField(max_length=64)
    infusions = models.PositiveSmallIntegerField()
    dose_ug_per_kg = models.PositiveIntegerField(null=True, blank=True)
    diagnoses = EncryptedText(default="[]")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_confirm = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clinical_order"
        constraints = [
            models.CheckConstraint(name="order_ends_later", condition=Q(since__lt=F("until"))),
            models.CheckConstraint(name="order_has_infusions", condition=Q(infusions__gte=1)),
            models.CheckConstraint(
                name="order_confirmed_by_somebody_else",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(to_confirm=True, confirmed_at__isnull=False)
                & Q(confirmed_by__isnull=False)
                & ~Q(confirmed_by=F("signed_by")),
            ),
        ]


class Consent(Permission):
    """The patient's signature under one version of the protocol's consent text.

    ``text_sha256`` is of the very text that was signed, ``name`` what was typed under it.
    """

    protocol_code = models.CharField(max_length=64)
    text_version = models.PositiveIntegerField()
    text_sha256 = models.CharField(max_length=64)
    name = EncryptedText()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "consent"
        constraints = [
            models.CheckConstraint(name="consent_ends_later", condition=Q(since__lt=F("until")))
        ]
