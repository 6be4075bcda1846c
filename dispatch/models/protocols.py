"""Treatments and their questionnaires as versioned data, signed off by a clinician."""

from django.db import models

from dispatch.models.row import Row


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
    """One version of a treatment; dispatch/domain/protocol.py reads ``data``."""

    code = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    data = models.JSONField()
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    is_current = models.BooleanField(default=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        "dispatch.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "protocol"
        constraints = [
            models.UniqueConstraint(name="one_protocol_version", fields=["code", "version"]),
            models.UniqueConstraint(
                name="one_current_version", fields=["code"], condition=models.Q(is_current=True)
            ),
        ]
