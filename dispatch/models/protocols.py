"""Treatments and their questionnaires as versioned data, signed off by a clinician."""

from django.db import models

from dispatch.models.row import MarketRow, Row


class Questionnaire(Row):
    code = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    data = models.JSONField()

    class Meta:
        db_table = "questionnaire"
        constraints = [
            models.UniqueConstraint(name="one_questionnaire_version", fields=["code", "version"])
        ]


class Protocol(Row):
    """One version of a treatment; dispatch/domain/protocol.py reads ``data``.

    A shipped version is every market's, and the newest is current. One that was drafted in a
    market is that market's alone, and current there once it is signed off.
    """

    code = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    data = models.JSONField()
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    is_current = models.BooleanField(default=True)
    market = models.ForeignKey(
        "dispatch.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    drafted_by = models.ForeignKey(
        "dispatch.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "protocol"
        constraints = [
            models.UniqueConstraint(
                name="one_protocol_version",
                fields=["code", "version"],
                condition=models.Q(market__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_drafted_version",
                fields=["market", "code", "version"],
                condition=models.Q(market__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_current_version", fields=["code"], condition=models.Q(is_current=True)
            ),
            models.CheckConstraint(
                name="draft_is_not_everywhere",
                condition=models.Q(market__isnull=True, drafted_by__isnull=True)
                | models.Q(market__isnull=False, drafted_by__isnull=False, is_current=False),
            ),
        ]


class SignOff(MarketRow):
    """A prescriber takes responsibility for a version in her market, and for the extra rules
    that she names."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="sign_offs")
    rules = models.JSONField()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey("dispatch.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "sign_off"
        indexes = [models.Index(fields=["market", "protocol"], name="sign_off_of_market")]
