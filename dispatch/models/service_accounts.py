"""Programs of a customer's that call the API: what each may do, and until when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dispatch.models.people import User
from dispatch.models.row import MarketRow


class ServiceAccount(MarketRow):
    """One program; ``user`` is in whose name it acts, and can sign in no other way.

    Of the token only the digest is kept. ``last_used_at`` is true to the hour.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="service_account")
    name = models.CharField(max_length=200)
    token_digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=64))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "service_account"
        constraints = [
            models.CheckConstraint(
                name="service_account_ends_after_it_is_made",
                condition=models.Q(made_at__lt=models.F("expires_at")),
            )
        ]
