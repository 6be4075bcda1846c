"""Sign-ins at the screens: kept, touched and ended; all times are by the database's own clock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dispatch import audit
from dispatch.domain.errors import NotFound
from dispatch.domain.ids import digest
from dispatch.domain.people import Actor
from dispatch.domain.sessions import LONGEST
from dispatch.models import ScreenSession, SignIn, User


def begin_session(key: str, data: str, user_id: UUID | None, *, now: datetime) -> bool:
    """Keep a new session, and forget those of anybody that are long over; False for a key in use.

    A sign-in gets a new key, so that its twelve hours are counted from there.
    """
    ScreenSession.objects.filter(seen_at__lt=now - LONGEST).delete()
    session = ScreenSession(
        key_digest=digest(key), user_id=user_id, role=_role(user_id), data=data,
        begun_at=now, seen_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            session.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def keep_session(key: str, data: str, user_id: UUID | None, *, now: datetime) -> bool:
    """Write down what a session holds now; False where it has been ended meanwhile."""
    kept = ScreenSession.objects.filter(key_digest=digest(key))
    found = kept.update(data=data, user_id=user_id, role=_role(user_id), seen_at=now)
    return found > 0


def touch_session(key: str, *, now: datetime) -> None:
    """Somebody did something: count the time of idleness anew."""
    ScreenSession.objects.filter(key_digest=digest(key)).update(seen_at=now)


def drop_session(key: str) -> None:
    """Sign the browser out."""
    ScreenSession.objects.filter(key_digest=digest(key)).delete()


def note_at_screens(by: Actor, verb: str, *, now: datetime) -> None:
    """Write down what somebody did about their own account, where allauth does it for them."""
    audit.note(by, verb, "user_account", by.user_id, now=now)


@transaction.atomic
def end_session(session_id: UUID, *, by: Actor, now: datetime) -> None:
    """Sign another browser of one's own out. Raises NotFound."""
    ended, _ = ScreenSession.objects.filter(id=session_id, user_id=by.user_id).delete()
    if not ended:
        raise NotFound("session")
    audit.note(by, "end", "screen_session", session_id, now=now)


@transaction.atomic
def end_tokens(sign_in_id: UUID, *, by: Actor, at: datetime, now: datetime) -> None:
    """Sign another program of one's own out, ``at`` by the database's clock. Raises NotFound."""
    family = SignIn.objects.filter(id=sign_in_id, user_id=by.user_id, ended_at__isnull=True)
    if not family.update(ended_at=at, ended_because="signed_out"):
        raise NotFound("sign-in")
    audit.note(by, "end", "sign_in", sign_in_id, now=now)


@transaction.atomic
def change_password(
    password: str, *, spare: str | None, by: Actor, at: datetime, now: datetime
) -> None:
    """Set one's own password, which ends every other sign-in, of browsers and of programs.

    ``spare`` is the key of the browser it is done in; ``at`` is by the database's clock.
    """
    user = User.objects.select_for_update().get(id=by.user_id)
    SignIn.objects.filter(user=user, ended_at__isnull=True).update(
        ended_at=at, ended_because="password_changed"
    )  # first, or the trigger on a changed user gives its own reason
    user.set_password(password)
    user.save(update_fields=["password"])
    others = ScreenSession.objects.filter(user=user)
    if spare is not None:
        others = others.exclude(key_digest=digest(spare))
    others.delete()
    audit.note(by, "change_password", "user_account", user.id, now=now)


def _role(user_id: UUID | None) -> str:
    if user_id is None:
        return ""
    return User.objects.values_list("role", flat=True).get(id=user_id)
