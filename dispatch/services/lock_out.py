"""Lock-out by django-axes, with a try counted before it is checked.

Axes itself counts a failure after the password was found wrong: of sixty parallel tries all are
checked before the first is counted. Here a try takes its place in the count first, under the lock
of its row, and success wipes the count. The row is of one name from one address; the name is kept
as a keyed digest, because people type passwords into the wrong field.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from dispatch import audit
from dispatch.domain.errors import TooMany
from dispatch.gateways.counting import take
from dispatch.models import KnownAddress, User
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index, blind_indexes

KNOWN_FOR = timedelta(days=30)
Credentials = dict[str, Any] | None


class CountedFirst(AxesDatabaseHandler):  # type: ignore[misc]  # axes comes without types
    """What `authenticate` asks before it looks at a password, at the API and at the screens."""

    def is_allowed(self, request: Any, credentials: Credentials = None) -> bool:
        """Count a try and say whether it may be checked; else the request knows until when."""
        name = str((credentials or {}).get("username") or "")
        try:
            count_try(name, request.axes_ip_address)
        except TooMany as refusal:
            request.axes_locked_out, request.retry_after_s = True, refusal.retry_after_s
            return False
        return True

    def user_login_failed(
        self,
        sender: Any,  # noqa: ARG002 - the signature is that of a signal
        credentials: dict[str, Any],
        request: Any = None,
        **_: Any,
    ) -> None:
        """Write down who could not sign in; the try was counted when it began."""
        if request is not None:
            verb = "sign_in_locked" if request.axes_locked_out else "sign_in_failed"
            note_failure(str(credentials.get("username") or ""), verb)

    def user_logged_in(self, sender: Any, request: Any, user: Any, **more: Any) -> None:
        """Somebody is in at the screens: by then their second factor was shown, too."""
        super().user_logged_in(sender, request, user, **more)
        remember(user.get_username(), request.axes_ip_address)


def count_try(name: str, address: str) -> None:
    """Count a password or code that is about to be checked; TooMany where it must not be.

    An address that is locked out for the name adds nothing to the count of the name, and one from
    which the name has lately signed in is not held to it: else one could lock a person out of all.
    """
    take("sign_in_address", address)
    take_try(name, address)
    if is_known(name, address):
        return
    try:
        take("sign_in_name", blind_index(name))
    except TooMany:
        give_back(name, address)
        raise


@transaction.atomic
def take_try(name: str, address: str) -> None:
    """Count a try of a name from an address. Raises TooMany while they are locked out.

    Who is locked out is not counted, so that a lock-out ends by itself.
    """
    now, locked_for = database_now(), settings.AXES_COOLOFF_TIME
    AccessAttempt.objects.bulk_create(
        [AccessAttempt(**_row(name, address), failures_since_start=0)], ignore_conflicts=True
    )
    tries = AccessAttempt.objects.select_for_update().get(**_row(name, address))
    free_at = tries.attempt_time + locked_for
    counted = tries.failures_since_start if now < free_at else 0
    if counted >= settings.AXES_FAILURE_LIMIT:
        raise TooMany(max(1, ceil((free_at - now) / timedelta(seconds=1))))
    tries.failures_since_start, tries.attempt_time = counted + 1, now
    tries.save(update_fields=["failures_since_start", "attempt_time"])


@transaction.atomic
def give_back(name: str, address: str) -> None:
    """Take back a try that was neither right nor wrong: the second factor was not yet given."""
    tries = AccessAttempt.objects.select_for_update().filter(**_row(name, address)).first()
    if tries is not None and tries.failures_since_start > 0:
        tries.failures_since_start -= 1
        tries.save(update_fields=["failures_since_start"])


def forgive(name: str, address: str) -> None:
    """Forget the tries of who has signed in, and remember from where."""
    AccessAttempt.objects.filter(**_row(name, address)).delete()
    remember(name, address)


def remember(name: str, address: str) -> None:
    """Write down that somebody of this name has signed in from the address."""
    KnownAddress.objects.bulk_create(
        [KnownAddress(key=blind_index(_place(name, address)), seen_at=database_now())],
        update_conflicts=True, unique_fields=["key"], update_fields=["seen_at"],
    )  # fmt: skip


def is_known(name: str, address: str) -> bool:
    """Whether somebody of this name signed in from the address lately."""
    since = database_now() - KNOWN_FOR
    keys = blind_indexes(_place(name, address))
    return KnownAddress.objects.filter(key__in=keys, seen_at__gte=since).exists()


def note_failure(name: str, verb: str) -> None:
    """Write into the audit trail whose sign-in failed; of names that nobody has, nothing."""
    user = User.objects.filter(username__iexact=name).first()
    if user is not None:
        audit.note_stranger(user.market_id, verb, user.id, now=database_now())


def name_in(_request: HttpRequest, credentials: Credentials) -> str:
    """What axes keeps of a name."""
    return blind_index(str((credentials or {}).get("username") or ""))


def nobody_in_logs(*_: Any) -> str:
    """What axes writes into its log of who tries."""
    return "somebody"


def _place(name: str, address: str) -> str:
    return f"signed in {address} {name}"


def _row(name: str, address: str) -> dict[str, str]:
    return {"username": blind_index(name), "ip_address": address, "user_agent": ""}
