"""A series: infusions that belong together, planned, held and booked as one."""

from django.db import models
from django.db.models import Q

from dispatch.domain.series import Continuity, SeriesState
from dispatch.models.people import Location, Nurse, Patient, User
from dispatch.models.protocols import Protocol
from dispatch.models.row import MarketRow

STATES = [state.value for state in SeriesState if state is not SeriesState.LAPSED]
"""A hold that ran out is told by ``expires_at``; nobody has to write it down."""


class Series(MarketRow):
    """One phase of a treatment; its holds, and later its visits, carry their number in it.

    ``nurse`` is who was to give most of them. ``planned`` is how many infusions there are.
    ``course`` counts the patient's courses of the protocol; ``replan_due_at`` is when a worker
    next looks whether the infusions still to come are as they should be.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="series")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=64)
    course = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=16)
    planned = models.PositiveSmallIntegerField()
    least_gap_days = models.PositiveSmallIntegerField()
    greatest_gap_days = models.PositiveSmallIntegerField()
    continuity = models.CharField(max_length=16)
    nurse = models.ForeignKey(Nurse, null=True, on_delete=models.PROTECT, related_name="+")
    held_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True)
    replan_due_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "series"
        indexes = [
            models.Index(
                fields=["replan_due_at"],
                name="series_to_replan",
                condition=Q(replan_due_at__isnull=False),
            )
        ]
        constraints = [
            models.CheckConstraint(name="series_state_known", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="continuity_known",
                condition=Q(continuity__in=[one.value for one in Continuity]),
            ),
            models.CheckConstraint(
                name="booked_series_has_its_time",
                condition=~Q(state=SeriesState.BOOKED.value) | Q(booked_at__isnull=False),
            ),
        ]
