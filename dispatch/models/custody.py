"""Vials of controlled drugs, where their content has gone, and who witnessed it."""

from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q

from dispatch.domain.custody import WAYS, Account, EntryKind
from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import Nurse, User
from dispatch.models.row import MarketRow
from dispatch.models.visits import Visit

NURSE = Account.NURSE.value


class Vial(MarketRow):
    """One vial by the number on its label; the application may add and read, no more.

    It may be used through the day ``expires_on``.
    """

    drug_code = models.CharField(max_length=64)
    lot = models.CharField(max_length=64)
    number = models.CharField(max_length=64)
    content_ug = models.PositiveIntegerField()
    expires_on = models.DateField()

    class Meta:
        db_table = "vial"
        constraints = [
            models.UniqueConstraint(name="one_vial_a_number", fields=["market", "number"]),
            models.CheckConstraint(name="vial_holds_something", condition=Q(content_ug__gte=1)),
        ]


def _goes_its_way() -> Q:
    ways = (
        Q(kind=kind.value, source=source.value, target=target.value)
        for kind, found in WAYS.items()
        for source, target in sorted(found)
    )
    return reduce(or_, ways)


class CustodyEntry(MarketRow):
    """``ug`` went from one account of a vial to another; the application may add and read.

    ``at`` is when it happened, ``recorded_at`` when it was told. ``event_id`` is the device's own
    id of it, ``asked`` whom the nurse named as witness, ``restocks`` the return put into stock.
    Triggers hold the rest: stock is never overdrawn, and all belongs to one market.
    """

    vial = models.ForeignKey(Vial, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=16)
    source = models.CharField(max_length=16)
    target = models.CharField(max_length=16)
    ug = models.PositiveIntegerField()
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="custody")
    nurse = models.ForeignKey(Nurse, null=True, on_delete=models.PROTECT, related_name="+")
    event_id = models.UUIDField(null=True, unique=True)
    reason = EncryptedText(default="", blank=True)
    asked = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    restocks = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "custody_entry"
        constraints = [
            models.CheckConstraint(name="entry_moves_something", condition=Q(ug__gte=1)),
            models.CheckConstraint(name="entry_goes_its_way", condition=_goes_its_way()),
            models.CheckConstraint(
                name="hands_are_a_nurses_at_a_visit",
                condition=(Q(source=NURSE) | Q(target=NURSE))
                & Q(visit__isnull=False, nurse__isnull=False)
                | ~Q(source=NURSE) & ~Q(target=NURSE) & Q(visit__isnull=True, nurse__isnull=True),
            ),
            models.CheckConstraint(
                name="restocked_names_the_return",
                condition=Q(kind=EntryKind.RESTOCKED.value, restocks__isnull=False)
                | ~Q(kind=EntryKind.RESTOCKED.value) & Q(restocks__isnull=True),
            ),
            models.UniqueConstraint(
                name="vial_received_once",
                fields=["vial"],
                condition=Q(kind=EntryKind.RECEIVED.value),
            ),
        ]


class CustodySignature(MarketRow):
    """A second licensed person has seen what an entry says; a trigger refuses everybody else."""

    entry = models.OneToOneField(CustodyEntry, on_delete=models.PROTECT, related_name="signature")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "custody_signature"
