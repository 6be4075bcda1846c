"""What somebody has to do, until it is done."""

from django.db import models
from django.db.models import Q

from dispatch.domain.tasks import TaskKind
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow
from dispatch.models.visits import Visit


class Task(MarketRow):
    """One thing to do for the people of a role, about the row ``subject_id``.

    ``reason`` is what those people may read; ``outcome`` is what they wrote when it was done.
    """

    kind = models.CharField(max_length=32)
    role = models.CharField(max_length=16)
    urgent = models.BooleanField()
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="tasks")
    subject_id = models.UUIDField()
    reason = EncryptedText(default="", blank=True)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = EncryptedText(default="", blank=True)

    class Meta:
        db_table = "task"
        indexes = [
            models.Index(
                fields=["market", "role", "opened_at"],
                name="task_to_do",
                condition=Q(done_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="task_kind_known", condition=Q(kind__in=[kind.value for kind in TaskKind])
            ),
            models.UniqueConstraint(
                name="one_open_task",
                fields=["kind", "subject_id"],
                condition=Q(done_at__isnull=True),
            ),
        ]
