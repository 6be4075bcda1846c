"""What the nurse's phone tells of a visit, kept as it was told."""

from django.db import models

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import User
from dispatch.models.row import MarketRow
from dispatch.models.visits import Assignment, Visit


class FieldEvent(MarketRow):
    """One thing that happened; its ``id`` is the device's own. It is added and never changed.

    ``data`` is JSON. ``assignment`` is the one under which the nurse had the visit when it came
    in; without one the visit was not the nurse's to do, and the event counts for nothing.
    ``closed_gates`` are the names of those that were closed when a departure came in late.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="field_events")
    assignment = models.ForeignKey(
        Assignment, null=True, on_delete=models.PROTECT, related_name="field_events"
    )
    type = models.CharField(max_length=32)
    device_time = models.DateTimeField()
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    data = EncryptedText()
    closed_gates = models.JSONField(default=list)

    class Meta:
        db_table = "field_event"
        indexes = [models.Index(fields=["visit", "type"], name="field_event_of_visit")]


class RefusedMovement(MarketRow):
    """An event whose movement of a drug the ledger could not enter, until it can."""

    event = models.OneToOneField(FieldEvent, on_delete=models.PROTECT, related_name="refusal")

    class Meta:
        db_table = "refused_movement"
