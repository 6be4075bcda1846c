"""Customers' receivers of webhooks, and what goes to each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dispatch.domain.webhooks import ClosedBecause, DeliveryState
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import User
from dispatch.models.records import OutboxEvent
from dispatch.models.row import MarketRow


class WebhookEndpoint(MarketRow):
    """One receiver, which is called for the types in ``events``, or for all where there are none.

    What it was signed with before the last change of ``secret`` is good until ``old_secret_until``.
    One worker has it until ``lease_until``, which stays: who was called longest ago is next. After
    failures, of which the first in a row was at ``failing_since``, it is left alone until
    ``rests_until``. These times, and no others, are by the database's own clock.
    """

    url = EncryptedText()
    secret = EncryptedText()
    old_secret = EncryptedText(default="", blank=True)
    old_secret_until = models.DateTimeField(null=True)
    events = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=16, default="", blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_endpoint"
        indexes = [
            models.Index(
                fields=["market"], name="webhook_listening", condition=Q(disabled_at__isnull=True)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="webhook_off_says_why",
                condition=Q(disabled_at__isnull=True, disabled_because="")
                | Q(
                    disabled_at__isnull=False,
                    disabled_because__in=[reason.value for reason in ClosedBecause],
                ),
            )
        ]


class WebhookDelivery(MarketRow):
    """One event for one receiver: ids in ``data``, and what became of it.

    Its id is the message's, the same for every try. ``event`` is null where somebody asked for a
    trial. ``due_at`` and ``tried_at`` are by the database's own clock, ``occurred_at`` and
    ``sent_at`` by the market's. ``status`` is what the receiver answered last.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.PROTECT, related_name="deliveries"
    )
    event = models.ForeignKey(OutboxEvent, null=True, on_delete=models.SET_NULL, related_name="+")
    type = models.CharField(max_length=64)
    data = models.JSONField()
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=8, default=DeliveryState.DUE.value)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=64, default="", blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_delivery"
        indexes = [
            models.Index(
                fields=["endpoint", "occurred_at", "id"],
                name="webhook_to_send",
                condition=Q(state=DeliveryState.DUE.value),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="webhook_state_known",
                condition=Q(state__in=[state.value for state in DeliveryState]),
            ),
            models.UniqueConstraint(name="one_delivery_an_event", fields=["endpoint", "event"]),
        ]
