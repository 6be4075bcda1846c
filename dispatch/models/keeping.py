"""What the service notes of its own forgetting: patients erased on request, and what ran out."""

from django.db import models

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow, Row


class Erasure(MarketRow):
    """A patient's names and addresses were erased; ``erased_by`` is null for a command."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="erasure")
    because = EncryptedText()
    erased_at = models.DateTimeField()
    erased_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "erasure"


class RetentionRun(Row):
    """How far a rule of retention is: when it is looked at next, by the database's own clock, and
    how many rows it has deleted."""

    rule = models.CharField(max_length=64, unique=True)
    due_at = models.DateTimeField()
    deleted_last = models.PositiveIntegerField(default=0)
    deleted_total = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "retention_run"
