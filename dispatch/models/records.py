"""What the service remembers of itself: events to deliver, the audit trail, keys, sign-ins."""

from django.db import models
from django.db.models import Q

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import User
from dispatch.models.row import MarketRow, Row


class OutboxEvent(MarketRow):
    """A fact recorded with the change that made it true; delivered at least once, in any order.

    ``available_at`` is by the database's own clock, not the market's.
    """

    name = models.CharField(max_length=64)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    available_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    failed_with = models.CharField(max_length=100, default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_event"
        indexes = [
            models.Index(
                fields=["available_at"], name="outbox_to_do", condition=Q(done_at__isnull=True)
            )
        ]


class NextNumber(models.Func):
    """The next of the numbers that entries have in the order in which they were written."""

    function = "nextval"
    template = "nextval('audit_number')"
    output_field = models.BigIntegerField()


class AuditEntry(MarketRow):
    """Who did or saw what; the application may add to this table and read it, no more.

    ``operation`` is the method and the door, and ``shown`` how many rows were shown, where somebody
    looked; ``mac`` signs all of it but the number (see domain/trail.py).
    """

    number = models.BigIntegerField(unique=True, editable=False, db_default=NextNumber())
    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=16)
    verb = models.CharField(max_length=64)
    operation = models.CharField(max_length=64, default="", blank=True)
    subject = models.CharField(max_length=32)
    subject_id = models.UUIDField(null=True)
    shown = models.PositiveIntegerField(null=True)
    mac = models.BinaryField(default=bytes)

    class Meta:
        db_table = "audit_entry"
        indexes = [models.Index(fields=["subject", "subject_id"], name="audit_subject")]


class IdempotencyRecord(Row):
    """The answer once given to a request with a key, written in the request's transaction."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = EncryptedText()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_record"
        constraints = [models.UniqueConstraint(name="one_answer_a_key", fields=["user", "key"])]


class SignIn(Row):
    """A family of refresh tokens, from one sign-in; revoked as a whole."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        db_table = "sign_in"


class SpentToken(Row):
    """A refresh token that was used; the primary key is the token's own id, inserted first."""

    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="+")
    spent_at = models.DateTimeField()

    class Meta:
        db_table = "spent_token"
