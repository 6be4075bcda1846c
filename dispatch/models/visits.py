"""Visits and holds, the one table of what occupies time, and who has had which visit."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q

from dispatch.domain.visit import ENDED, ON_ROUTE, UNDER_WAY, Status
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Companion, Location, Nurse, Patient, User
from dispatch.models.protocols import Protocol
from dispatch.models.row import MarketRow, Row
from dispatch.models.series import Series
from dispatch.models.shifts import Shift

RELEASED = [s.value for s in (Status.CANCELLED, Status.NO_SHOW, Status.ABORTED, Status.SUSPENDED)]
"""Statuses in which a visit occupies nobody's time."""


AT_THE_DOOR = sorted(s.value for s in UNDER_WAY - ENDED)
"""Statuses in which a nurse is on her way to the visit or at it."""


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def _excluding(name: str, who: str, begins: str) -> ExclusionConstraint:
    span = TsTzRange(begins, "end_at", RangeBoundary())
    return ExclusionConstraint(
        name=name,
        expressions=[(span, RangeOperators.OVERLAPS), (who, RangeOperators.EQUAL)],
        deferrable=Deferrable.DEFERRED,
    )


class Reservation(MarketRow):
    """The nurse is taken ``[leave_at, end_at)``, travel included; the patient from ``start_at``.

    ``infusion_from`` to ``infusion_until`` is what a supervising clinician watches.
    """

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="reservations")
    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    leave_at = models.DateTimeField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    infusion_from = models.DateTimeField()
    infusion_until = models.DateTimeField()

    class Meta:
        db_table = "reservation"
        indexes = [models.Index(fields=["market", "start_at"], name="reservation_market_start")]
        constraints = [
            _excluding("nurse_in_one_place", "nurse", "leave_at"),
            _excluding("patient_in_one_visit", "patient", "start_at"),
            models.CheckConstraint(
                name="reservation_in_order",
                condition=Q(leave_at__lte=F("start_at"))
                & Q(start_at__lte=F("infusion_from"))
                & Q(infusion_from__lt=F("infusion_until"))
                & Q(infusion_until__lte=F("end_at")),
            ),
        ]


def _numbered(kind: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{kind}_of_a_series_is_numbered",
        condition=Q(series__isnull=True, series_number__isnull=True)
        | Q(series__isnull=False, series_number__gte=1),
    )


class Appointment(MarketRow):
    """What a hold and a visit share: for whom, where, what, and within which window.

    Each knows the phase of the protocol that it is of, and in which course of it, from 1; one that
    belongs to a series also which of its infusions it is, from 1.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)ss")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    asked_nurse = models.ForeignKey(Nurse, null=True, on_delete=models.PROTECT, related_name="+")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    phase = models.CharField(max_length=64)
    course = models.PositiveSmallIntegerField(default=1)
    series = models.ForeignKey(
        Series, null=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    series_number = models.PositiveSmallIntegerField(null=True)

    class Meta:
        abstract = True


class Hold(Appointment):
    """A slot taken for a short while, until it is booked, given back or expires."""

    reservation = models.OneToOneField(Reservation, on_delete=models.PROTECT, related_name="hold")
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "hold"
        constraints = [_numbered("hold")]


class Visit(Appointment):
    """One treatment at the patient's door, from the request to the end.

    ``window`` is what the patient asked for until ``window_promised`` is set; from then on it is
    when the nurse comes. ``assign_due_at`` is when a worker next looks for a nurse.
    ``arrived_off_m`` is how far from the place the nurse's phone was on arrival. ``ended_code`` is
    the reason from the protocol's list for which it broke off, ``fee_cents`` what is then owed.
    """

    status = models.CharField(max_length=16, default=Status.REQUESTED.value)
    service_date = models.DateField()
    window_promised = models.BooleanField()
    reservation = models.OneToOneField(
        Reservation, null=True, on_delete=models.PROTECT, related_name="visit"
    )
    companion = models.ForeignKey(Companion, null=True, on_delete=models.PROTECT, related_name="+")
    moves = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 - NULLs are distinct
    assign_due_at = models.DateTimeField(null=True)
    unassigned_because = models.JSONField(null=True)
    departed_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    infusion_started_at = models.DateTimeField(null=True)
    infusion_ended_at = models.DateTimeField(null=True)
    discharged_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    arrived_lat = models.FloatField(null=True)
    arrived_lng = models.FloatField(null=True)
    arrived_off_m = models.PositiveIntegerField(null=True)
    recovery_extended_s = models.PositiveIntegerField(default=0)
    ended_because = EncryptedText(default="", blank=True)
    ended_code = models.CharField(max_length=64, default="", blank=True)
    fee_cents = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "visit"
        indexes = [
            models.Index(fields=["market", "service_date"], name="visit_market_day"),
            models.Index(
                fields=["assign_due_at"],
                name="visit_to_assign",
                condition=Q(status="requested", assign_due_at__isnull=False),
            ),
            models.Index(
                fields=["reservation"],
                name="visit_at_the_door",
                condition=Q(status__in=AT_THE_DOOR),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="status_known", condition=Q(status__in=[s.value for s in Status])
            ),
            models.CheckConstraint(
                name="on_route_has_nurse_and_times",
                condition=~Q(status__in=sorted(s.value for s in ON_ROUTE))
                | Q(reservation__isnull=False),
            ),
            models.CheckConstraint(
                name="released_occupies_nobody",
                condition=~Q(status__in=RELEASED) | Q(reservation__isnull=True),
            ),
            models.CheckConstraint(
                name="window_in_order", condition=Q(window_start__lte=F("window_end"))
            ),
            models.UniqueConstraint(name="one_visit_a_key", fields=["patient", "idempotency_key"]),
            _numbered("visit"),
            models.UniqueConstraint(
                name="one_visit_a_number",
                fields=["series", "series_number"],
                condition=~Q(status__in=RELEASED),
            ),
        ]


class VisitTransition(Row):
    """The state table as PostgreSQL's trigger reads it; a copy that a test compares."""

    from_status = models.CharField(max_length=16)
    action = models.CharField(max_length=16)
    to_status = models.CharField(max_length=16)

    class Meta:
        db_table = "visit_transition"
        constraints = [
            models.UniqueConstraint(name="one_way_by_action", fields=["from_status", "action"])
        ]

    def __str__(self) -> str:
        return f"{self.from_status} –{self.action}→ {self.to_status}"


class Assignment(MarketRow):
    """Who had the visit from when to when, after how many of its moves, by whose hand (null: a
    worker) and why it ended. ``before`` is how the visit stood before a hand gave it to the nurse,
    as ``dispatch.assigning.Before`` writes it, so that this can be undone."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="assignments")
    nurse = models.ForeignKey(Nurse, on_delete=models.PROTECT, related_name="+")
    move = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    assigned_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedText(default="", blank=True)
    before = models.JSONField(null=True)

    class Meta:
        db_table = "assignment"
        constraints = [
            models.UniqueConstraint(
                name="one_nurse_a_visit", fields=["visit"], condition=Q(until__isnull=True)
            )
        ]
