"""Messages that fall due, what was tried, and the companion's answer."""

from django.db import models
from django.db.models import Q

from dispatch.domain.channels import Channel
from dispatch.domain.gates import CompanionAnswer
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Companion
from dispatch.models.row import MarketRow, Row
from dispatch.models.visits import Visit

STATES = ["due", "sent", "withdrawn", "dead"]


class Message(MarketRow):
    """One message of one visit to one person; its text is made when it is sent.

    ``person_id`` is the patient or the companion it is for, ``about_id`` the row that it tells of.
    ``move`` says after how many moves of the visit it was planned: a moved visit has others.
    The lease says which worker has it, and until when by the database's own clock. ``named_start``
    is the expected start that the text names, where it names one. ``step`` counts the ways to the
    person that have failed; ``channel`` is the one taken last, ``attempts`` the tries by it. What
    was sent that way is waited for until ``receipt_by``, by the database's clock; ``receipt`` is
    what the provider told.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=32)
    audience = models.CharField(max_length=16)
    person_id = models.UUIDField()
    template = models.CharField(max_length=64)
    about_id = models.UUIDField()
    move = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, default="due")
    state_because = models.CharField(max_length=64, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    named_start = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=16, default="", blank=True)
    receipt = models.CharField(max_length=16, default="", blank=True)
    receipt_by = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"
        indexes = [
            models.Index(
                fields=["receipt_by"],
                name="message_receipt_by",
                condition=Q(receipt_by__isnull=False),
            ),
            models.Index(
                fields=["due_at"],
                name="message_due",
                condition=Q(state="due", retry_at__isnull=True),
            ),
            models.Index(
                fields=["retry_at"],
                name="message_due_again",
                condition=Q(state="due", retry_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="message_state_known", condition=Q(state__in=STATES)),
            models.UniqueConstraint(
                name="one_message_a_kind",
                fields=["visit", "kind", "person_id", "about_id", "move"],
                condition=~Q(state="withdrawn"),
            ),
        ]

    @property
    def key(self) -> str:
        """What the provider knows it by: what goes by another way is another one."""
        return str(self.id) if not self.step else f"{self.id}.{self.step}"


class MessageAttempt(MarketRow):
    """One try to send: begun under the visit's lock, settled after the provider answered.

    ``carrier`` is the provider's name, ``receipt`` what it told later, ``key`` what it was given,
    ``tried_at`` when, by the database's clock. ``outcome`` is empty until the try is settled.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tries")
    begun_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=16)
    carrier = models.CharField(max_length=32, default="", blank=True)
    key = models.CharField(max_length=64, default="", blank=True)
    recipient = EncryptedText()
    subject = EncryptedText(default="", blank=True)
    body = EncryptedText()
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=64, default="", blank=True)
    provider_id = models.CharField(max_length=128, default="", blank=True)
    receipt = models.CharField(max_length=16, default="", blank=True)
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message_attempt"
        indexes = [
            models.Index(
                fields=["carrier", "provider_id"],
                name="attempt_known_as",
                condition=~Q(provider_id=""),
            )
        ]


class LocalMessage(Row):
    """The local outbox: what the stand-in for a provider has accepted; one row a key."""

    key = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=16, default=Channel.TEXT.value)
    recipient = EncryptedText()
    subject = EncryptedText(default="", blank=True)
    body = EncryptedText()
    accepted_at = models.DateTimeField()

    class Meta:
        db_table = "local_message"


class CompanionRequest(MarketRow):
    """One person asked to stay or to drive for one visit, through a secret link of their own.

    The answer is to the visit as it was after ``move`` moves.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="companion_requests")
    companion = models.ForeignKey(Companion, on_delete=models.PROTECT, related_name="+")
    secret = EncryptedText()
    secret_digest = models.CharField(max_length=64, unique=True)
    move = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=16, default=CompanionAnswer.ASKED.value)
    answered_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "companion_request"
        constraints = [
            models.CheckConstraint(
                name="companion_answer_known",
                condition=Q(answer__in=[a.value for a in CompanionAnswer]),
            ),
            models.UniqueConstraint(
                name="one_companion_asked",
                fields=["visit"],
                condition=Q(replaced_at__isnull=True),
            ),
        ]
