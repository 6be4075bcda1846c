"""Nurses' calendar feeds: the secret link to each, and what each was told."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Nurse
from dispatch.models.row import MarketRow
from dispatch.models.visits import Visit


class CalendarLink(MarketRow):
    """The secret address of a nurse's feed, until she ends it or has another one."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="+")
    secret = EncryptedText()
    secret_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "calendar_link"
        constraints = [
            models.UniqueConstraint(
                name="one_calendar_a_nurse", fields=["nurse"], condition=Q(ended_at__isnull=True)
            )
        ]


class CalendarEntry(MarketRow):
    """What a nurse's feed told last of one visit; ``sequence`` counts the changes that it told.

    ``changed_at`` is the market's time at which it first told it so.
    """

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(default=0)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_entry"
        indexes = [models.Index(fields=["nurse", "starts_at"], name="calendar_of_nurse")]
        constraints = [
            models.UniqueConstraint(name="one_entry_a_visit", fields=["nurse", "visit"]),
            models.CheckConstraint(
                name="entry_ends_later", condition=Q(starts_at__lt=F("ends_at"))
            ),
        ]
