"""Absences of nurses, and the jobs that work out how a day could be planned or repaired."""

from django.db import models
from django.db.models import F, Q

from dispatch.domain.jobs import Cause, JobState
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Nurse, User
from dispatch.models.row import MarketRow


class Absence(MarketRow):
    """A nurse does not work from ``begins_at`` up to ``ends_at``."""

    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="absences")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = EncryptedText(default="", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "absence"
        constraints = [
            models.CheckConstraint(
                name="absence_ends_later", condition=Q(begins_at__lt=F("ends_at"))
            )
        ]


class PlanJob(MarketRow):
    """One question to the planner – how to plan these days, or how to repair them – and what it
    proposes. ``snapshot`` holds the versions it was worked out from; it can be accepted as long
    as they are those. ``progress`` is how the best plan so far stands. ``delays`` tells of nurses
    who are kept where they are: a shift's id, and until which epoch second. Of one that is in force
    ``stood`` holds what stood before, see ``dispatch.selectors.standing``.

    The lease says which worker has it, and until when by the database's own clock.
    """

    cause = models.CharField(max_length=16)
    days = models.JSONField()
    delays = models.JSONField(default=dict)
    seconds = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    absence = models.ForeignKey(
        Absence, null=True, on_delete=models.PROTECT, related_name="repairs"
    )
    state = models.CharField(max_length=16, default=JobState.QUEUED.value)
    stop_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    waiting_since = models.DateTimeField()
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    progress = models.JSONField(null=True)
    snapshot = models.JSONField(null=True)
    proposals = models.JSONField(default=list)
    accepted = models.PositiveSmallIntegerField(null=True)
    stood = models.JSONField(null=True)
    failed_with = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        db_table = "plan_job"
        indexes = [
            models.Index(
                fields=["waiting_since"],
                name="plan_job_to_do",
                condition=Q(state__in=[JobState.QUEUED.value, JobState.RUNNING.value]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="plan_job_state_known",
                condition=Q(state__in=[state.value for state in JobState]),
            ),
            models.CheckConstraint(
                name="plan_job_cause_known",
                condition=Q(cause__in=[cause.value for cause in Cause]),
            ),
        ]
