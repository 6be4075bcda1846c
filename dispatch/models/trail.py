"""The audit trail's seals, what waits to be sealed, and when the trail was looked through."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from dispatch.domain.trail import FIRST_KEY
from dispatch.models.clock import DATABASE_CLOCK
from dispatch.models.row import Row


class SigningKey(NamedTuple):
    """A key of AUDIT_KEY, by its number."""

    number: int
    secret: bytes


def signing_key() -> SigningKey:
    """Return the key with which the trail is signed from now on, the first one."""
    return SigningKey(*next(iter(settings.AUDIT_KEYS.items())))


class AuditUnsealed(models.Model):
    """An entry that waits for its seal; a trigger writes the row with the entry itself."""

    number = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField(db_default=DATABASE_CLOCK)

    class Meta:
        db_table = "audit_unsealed"

    def __str__(self) -> str:
        return f"AuditUnsealed {self.number}"


class AuditSeal(models.Model):
    """Entries of the audit trail, in the order in which they were sealed; see domain/trail.py.

    ``key`` is the number of the key in AUDIT_KEY with which the seal was signed.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    rows = ArrayField(models.BigIntegerField())
    macs = models.BinaryField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    key = models.PositiveSmallIntegerField(default=FIRST_KEY, db_default=FIRST_KEY)

    class Meta:
        db_table = "audit_seal"

    def __str__(self) -> str:
        return f"AuditSeal {self.number}"


class AuditCheck(Row):
    """One look through the trail, up to a seal: how many rows it saw, and how much was wrong."""

    at = models.DateTimeField()
    first_seal = models.BigIntegerField()
    last_seal = models.BigIntegerField()
    rows = models.BigIntegerField()
    faults = models.PositiveIntegerField()

    class Meta:
        db_table = "audit_check"
