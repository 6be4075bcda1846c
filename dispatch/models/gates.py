"""What opens gates beside the papers – kit, place, price – and who let a visit pass a closed one.

All but the coverage are facts: added and read, never changed.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dispatch.domain.charges import CoverageState
from dispatch.domain.gates import SOFT
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Location, Patient, User
from dispatch.models.row import MarketRow
from dispatch.models.shifts import Shift
from dispatch.models.visits import Visit


class Deed(MarketRow):
    """Something that somebody did at some time."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class GateOverride(Deed):
    """A dispatcher lets a visit go on though a gate is closed, after so many of its moves."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="overrides")
    move = models.PositiveSmallIntegerField()
    gate = models.CharField(max_length=16)
    reason = EncryptedText()

    class Meta:
        db_table = "gate_override"
        constraints = [
            models.CheckConstraint(
                name="only_soft_gates_are_overridden",
                condition=Q(gate__in=[name.value for name in SOFT]),
            )
        ]


class GateOverrideEnd(Deed):
    """The override holds no longer."""

    override = models.OneToOneField(GateOverride, on_delete=models.PROTECT, related_name="end")

    class Meta:
        db_table = "gate_override_end"


class KitCheck(Deed):
    """What the nurse has with her on this shift, by code; the highest number is the last word."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="kit_checks")
    number = models.PositiveSmallIntegerField()
    items = ArrayField(models.CharField(max_length=64))

    class Meta:
        db_table = "kit_check"
        constraints = [
            models.UniqueConstraint(name="one_kit_check_a_number", fields=["shift", "number"])
        ]


class HomeCheck(Deed):
    """What was confirmed of the place where a visit will be; the highest number is the last word.

    It holds for this place and after so many of the visit's moves.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="home_checks")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    move = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    items = ArrayField(models.CharField(max_length=64))

    class Meta:
        db_table = "home_check"
        constraints = [
            models.UniqueConstraint(name="one_home_check_a_number", fields=["visit", "number"])
        ]


class PriceShown(Deed):
    """The self-pay price that the patient was shown, or had read out, for a visit."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="prices_shown")
    price_cents = models.PositiveIntegerField()

    class Meta:
        db_table = "price_shown"


class Coverage(Deed):
    """What the patient's insurance does, as last heard; unknown where there is no row."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="coverage")
    state = models.CharField(max_length=16)
    payer = EncryptedText(default="", blank=True)

    class Meta:
        db_table = "coverage"
        constraints = [
            models.CheckConstraint(
                name="coverage_known",
                condition=Q(state__in=[state.value for state in CoverageState]),
            )
        ]
