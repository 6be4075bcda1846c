"""What providers tell: receipts of what was sent."""

from django.db import models

from dispatch.models.row import Row


class ProviderReceipt(Row):
    """One word of a provider on something it had accepted, kept once for each event.

    It may be here before we have written down that the provider accepted the message.
    """

    carrier = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=128)
    receipt = models.CharField(max_length=16)
    event_key = models.CharField(max_length=255, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "provider_receipt"
        indexes = [models.Index(fields=["carrier", "provider_id"], name="receipt_of")]
