"""How people may be reached: what they agreed to, what they stopped, the browsers they use."""

from django.db import models
from django.db.models import Q

from dispatch.domain.channels import Channel
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow, Row

CHANNELS = [channel.value for channel in Channel]


class ContactConsent(MarketRow):
    """A person agreed to be sent messages at one address: who said so, when, and to which words.

    ``person_id`` is the patient or the companion; ``given_by`` the account that said it, which
    for a companion is the patient's or the desk's. ``withdrawn_at`` is all that is written later.
    """

    person_id = models.UUIDField(db_index=True)
    channel = models.CharField(max_length=16)
    address_index = models.CharField(max_length=64)
    wording = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_consent"
        constraints = [
            models.CheckConstraint(name="contact_channel_known", condition=Q(channel__in=CHANNELS)),
            models.UniqueConstraint(
                name="one_consent_an_address",
                fields=["person_id", "channel", "address_index"],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]


class Stop(Row):
    """An address to which nothing goes since ``stopped_at``, whoever it belongs to, until
    ``started_at``; ``word`` is the command that was given."""

    channel = models.CharField(max_length=16)
    address_index = models.CharField(max_length=64)
    word = models.CharField(max_length=32)
    stopped_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stop"
        constraints = [
            models.CheckConstraint(name="stop_channel_known", condition=Q(channel__in=CHANNELS)),
            models.UniqueConstraint(
                name="one_stop_an_address",
                fields=["channel", "address_index"],
                condition=Q(started_at__isnull=True),
            ),
        ]


class PushSubscription(MarketRow):
    """One browser of a patient's that takes pushes, until it is gone."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    endpoint = EncryptedText()
    endpoint_digest = models.CharField(max_length=64, unique=True)
    p256dh = EncryptedText()
    auth = EncryptedText()
    subscribed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "push_subscription"
