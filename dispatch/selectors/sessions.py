"""Sign-ins at the screens and of programs, as the user they belong to sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Value

from dispatch.domain.ids import digest
from dispatch.domain.people import Role
from dispatch.domain.sessions import LONGEST, LONGEST_OF_TOKENS, is_over
from dispatch.models import ScreenSession, SignIn
from dispatch.models.clock import DATABASE_CLOCK


@dataclass(frozen=True, slots=True)
class KeptSession:
    """What a browser's session holds, and when it was last seen."""

    data: str
    role: Role | None
    begun_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SessionLine:
    """``is_this``: of the browser that asks."""

    id: UUID
    begun_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignInLine:
    """A family of refresh tokens: a phone's app, or another program."""

    id: UUID
    begun_at: datetime


def kept_session(key: str, *, now: datetime) -> KeptSession | None:
    """Return the session a cookie stands for; None for none, and for one that is over."""
    row = ScreenSession.objects.filter(key_digest=digest(key)).first()
    if row is None:
        return None
    kept = KeptSession(row.data, _role(row), row.begun_at, row.seen_at)
    return None if is_over(kept.role, kept.begun_at, kept.seen_at, now) else kept


def sessions_of(user_id: UUID, key: str | None, *, now: datetime) -> list[SessionLine]:
    """Return the user's sessions at the screens that still run, the newest first."""
    this = None if key is None else digest(key)
    rows = ScreenSession.objects.filter(user_id=user_id).order_by("-id")
    return [
        SessionLine(row.id, row.begun_at, row.seen_at, row.key_digest == this)
        for row in rows
        if not is_over(_role(row), row.begun_at, row.seen_at, now)
    ]


def running_sign_ins() -> QuerySet[SignIn]:
    """Families of tokens that nobody ended and that have not ended by themselves.

    By the database's own clock, as they are begun; asked by every request of a program.
    """
    of_patients = Q(user__role=Role.PATIENT.value)
    for_patients = DATABASE_CLOCK - Value(LONGEST_OF_TOKENS[Role.PATIENT])
    young = Q(begun_at__gt=DATABASE_CLOCK - Value(LONGEST)) | (
        of_patients & Q(begun_at__gt=for_patients)
    )
    return SignIn.objects.filter(young, ended_at__isnull=True, user__is_active=True)


def sign_ins_of(user_id: UUID) -> list[SignInLine]:
    """Return the user's families of tokens that go on, the newest first."""
    rows = running_sign_ins().filter(user_id=user_id)
    return [SignInLine(row.id, row.begun_at) for row in rows.order_by("-id")]


def _role(row: ScreenSession) -> Role | None:
    return Role(row.role) if row.role else None
