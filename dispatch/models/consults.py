"""Consults by video between a patient and a clinician, and the opening of their rooms."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from dispatch.domain.consults import STANDING, ConsultKind, ConsultState
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Patient, User
from dispatch.models.row import MarketRow
from dispatch.models.visits import TsTzRange

STANDS = sorted(state.value for state in STANDING)


def _one_at_a_time(name: str, who: str) -> ExclusionConstraint:
    span = TsTzRange("starts_at", "ends_at", RangeBoundary())
    return ExclusionConstraint(
        name=name,
        expressions=[(span, RangeOperators.OVERLAPS), (who, RangeOperators.EQUAL)],
        condition=Q(state__in=STANDS),
    )


class Consult(MarketRow):
    """One appointment; its id is the key under which the provider opens its room.

    The lease says which worker is opening the room, and until when by the database's own clock.
    """

    kind = models.CharField(max_length=16)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consults")
    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    protocol_code = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=16, default=ConsultState.ASKED.value)
    link = EncryptedText(default="", blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult"
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="consult_without_room",
                condition=Q(state=ConsultState.ASKED.value),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="consult_kind_known",
                condition=Q(kind__in=[kind.value for kind in ConsultKind]),
            ),
            models.CheckConstraint(
                name="consult_state_known",
                condition=Q(state__in=[state.value for state in ConsultState]),
            ),
            models.CheckConstraint(
                name="consult_ends_later", condition=Q(starts_at__lt=F("ends_at"))
            ),
            _one_at_a_time("clinician_in_one_consult", "clinician"),
            _one_at_a_time("patient_in_one_consult", "patient"),
        ]
