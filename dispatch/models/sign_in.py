"""What is remembered so that nothing is accepted twice, and nobody tries too often."""

from django.db import models

from dispatch.models.people import User
from dispatch.models.row import MarketRow, Row


class SpentCode(Row):
    """A code of a second factor that was used, inserted before it counts.

    ``step`` is the time step of a TOTP code (RFC 6238), or the number of a recovery code in its
    set; ``authenticator`` is the id of that TOTP secret or set, which may be gone by now.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    authenticator = models.BigIntegerField()
    step = models.BigIntegerField()
    spent_at = models.DateTimeField()

    class Meta:
        db_table = "spent_code"
        constraints = [
            models.UniqueConstraint(name="code_once", fields=["user", "authenticator", "step"])
        ]


class Invitation(MarketRow):
    """A link under which somebody sets a password, once; it is gone once that is done.

    Both instants are by the database's own clock; the secret itself is kept nowhere.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="invitation")
    secret_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "invitation"


class KnownAddress(models.Model):
    """From where somebody has signed in; ``key`` is a keyed digest of the name and the address."""

    key = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "known_address"

    def __str__(self) -> str:
        return f"KnownAddress {self.seen_at}"


class LimitCount(models.Model):
    """Counts of limits while the cache is away; unlogged, so that counting waits for no disk.

    ``key`` is a keyed digest of what is counted and for whom.
    """

    key = models.CharField(max_length=64, primary_key=True)
    times = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "limit_count"

    def __str__(self) -> str:
        return f"LimitCount {self.times}"
