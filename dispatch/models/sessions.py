"""Sign-ins at the screens, as the browser's cookie stands for them."""

from django.db import models

from dispatch.models.encrypted import EncryptedText
from dispatch.models.people import User
from dispatch.models.row import Row


class ScreenSession(Row):
    """One browser. It is looked up before anybody is known, so it belongs to no market.

    ``key_digest`` is of what the cookie holds: who reads the table can enter with none of it.
    ``role`` is empty while somebody is signing in; all times are by the database's own clock.
    """

    key_digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, related_name="screen_sessions"
    )
    role = models.CharField(max_length=16, default="", blank=True)
    data = EncryptedText()
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "screen_session"
        indexes = [models.Index(fields=["seen_at"], name="session_seen")]
