"""What providers tell: receipts of what was sent, texts that people wrote, and our answers."""

from django.db import models
from django.db.models import Q

from dispatch.domain.channels import Language
from dispatch.domain.replies import Command
from dispatch.models.encrypted import EncryptedText
from dispatch.models.messages import CompanionRequest
from dispatch.models.people import Patient
from dispatch.models.row import MarketRow, Row
from dispatch.models.visits import Visit

STATES = ["due", "sent", "withdrawn", "dead"]


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


class InboundText(MarketRow):
    """A text that somebody sent us, kept once; the market is that of whoever writes.

    ``command`` is what the door did at once, ``answered`` that the provider has answered it by
    itself. ``understood`` and ``led_to`` are written when it is read, with what it was about.
    ``received_at`` and ``read_at`` are by the database's clock.
    """

    carrier = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=128)
    sender = EncryptedText()
    sender_index = models.CharField(max_length=64, db_index=True)
    body = EncryptedText()
    received_at = models.DateTimeField()
    command = models.CharField(max_length=16, default="", blank=True)
    answered = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    understood = models.CharField(max_length=16, default="", blank=True)
    led_to = models.CharField(max_length=32, default="", blank=True)
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(
        CompanionRequest, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "inbound_text"
        constraints = [
            models.UniqueConstraint(name="one_text_an_id", fields=["carrier", "provider_id"]),
            models.CheckConstraint(
                name="text_command_known",
                condition=Q(command__in=["", *(one.value for one in Command)]),
            ),
        ]


class TextReply(MarketRow):
    """Our answer to a text, sent once under its id; ``template`` names its words.

    ``about_id`` is the text, or the stop that it confirms: one answer of a kind to each.
    ``tried_at`` is when a try was first begun, by the database's clock.
    """

    text = models.ForeignKey(InboundText, on_delete=models.PROTECT, related_name="replies")
    about_id = models.UUIDField()
    template = models.CharField(max_length=32)
    language = models.CharField(max_length=8, default=Language.ENGLISH.value)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=16, default="due")
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=32, default="", blank=True)
    provider_id = models.CharField(max_length=128, default="", blank=True)

    class Meta:
        db_table = "text_reply"
        indexes = [models.Index(fields=["made_at"], name="reply_due", condition=Q(state="due"))]
        constraints = [
            models.CheckConstraint(name="reply_state_known", condition=Q(state__in=STATES)),
            models.UniqueConstraint(name="one_reply_a_kind", fields=["template", "about_id"]),
        ]
