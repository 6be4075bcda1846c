"""Accounts of a market's staff: made, let in by a link good for one use, closed and opened.

Nobody does any of this to themselves: what protects one's own account is changed under /account,
where it has to be shown again. ``at`` is by the database's own clock, as sign-ins are; ``now`` is
the market's. A user's row is locked before what hangs on it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from dispatch import audit
from dispatch.domain.consults import STANDING
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.ids import digest, new_secret
from dispatch.domain.people import STAFF, Actor, Role, is_name
from dispatch.models import Consult, Invitation, Market, ScreenSession, SignIn, User
from dispatch.selectors.access import staff_for

GOOD_FOR = timedelta(days=3)
LONGEST_PASSWORD = 128
WITH_OWN_PAGE = frozenset({Role.NURSE, Role.PATIENT, Role.SERVICE})
"""Roles whose accounts are made, closed and opened with more than the account."""


@transaction.atomic
def add_account(*, role: str, name: str, username: str, by: Actor, now: datetime) -> UUID:
    """Write somebody who works here and cannot sign in yet; return the user's id.

    Raises Invalid ``role`` for nurses, who are added with their home, ``name``, ``username``.
    """
    if role not in set(STAFF) - WITH_OWN_PAGE:
        raise Invalid({"role": "Nurses are added on their own page; others are not staff."})
    if not is_name(name):
        raise Invalid({"name": "This is no name that can be kept."})
    user = User.objects.enrol(username, Role(role), by.market_id, name=name)
    audit.note(by, "add", "user_account", user.id, now=now)
    return user.id


@transaction.atomic
def invite(user_id: UUID, *, by: Actor, at: datetime, now: datetime) -> str:
    """Return the secret of a link under which somebody sets a password, once, for three days.

    A link made before opens nothing any more; the password of now goes on to. Raises NotFound;
    Conflict ``oneself``, ``account_closed``.
    """
    user = _locked(user_id, by)
    if not user.is_active:
        raise Conflict("account_closed", "This account is closed: open it first.")
    secret = new_secret()
    Invitation.objects.update_or_create(
        user=user,
        defaults={
            "market_id": user.market_id,
            "secret_digest": digest(secret),
            "made_at": at,
            "made_by_id": by.user_id,
            "expires_at": at + GOOD_FOR,
        },
    )
    audit.note(by, "invite", "user_account", user_id, now=now)
    return secret


@transaction.atomic
def accept_invitation(secret: str, password: str, *, at: datetime, now: datetime) -> None:
    """Set the password of whom the link is for; the link is used up, and every sign-in ends.

    Of any number of parallel uses one succeeds: the row is taken away first. Raises NotFound for a
    link that is unknown, used, replaced or has run out; Invalid ``password``, which leaves it.
    """
    links = Invitation.objects.filter(secret_digest=digest(secret), expires_at__gt=at)
    users = User.objects.filter(invitation__in=links, is_active=True)
    user = users.select_for_update(no_key=True).first()
    if user is None or not links.delete()[0]:
        raise NotFound("invitation")
    _check_password(password, user)
    _sign_out(user, "password_changed", at)
    user.set_password(password)
    user.save(update_fields=["password"])
    own = Actor(user.id, Role(user.role), user.market_id)
    audit.note(own, "accept_invitation", "user_account", user.id, now=now)


@transaction.atomic
def reset_second_factor(user_id: UUID, *, by: Actor, at: datetime, now: datetime) -> None:
    """Take away generator, passkeys and recovery codes, and end every sign-in: they may be stolen.

    Where a second factor is required, the next sign-in leads to a new one. Raises NotFound;
    Conflict ``oneself``.
    """
    user = _locked(user_id, by)
    Authenticator.objects.filter(user_id=user_id).delete()
    _sign_out(user, "factor_reset", at)
    audit.note(by, "reset_second_factor", "user_account", user_id, now=now)


@transaction.atomic
def end_sign_ins(user_id: UUID, *, by: Actor, at: datetime, now: datetime) -> None:
    """Sign somebody out everywhere, of browsers and programs. Raises NotFound; Conflict
    ``oneself``."""
    _sign_out(_locked(user_id, by), "signed_out", at)
    audit.note(by, "end_sign_ins", "user_account", user_id, now=now)


@transaction.atomic
def close_account(user_id: UUID, *, by: Actor, at: datetime, now: datetime) -> None:
    """Nobody signs in with it any more; what they did stays.

    Raises NotFound; Conflict ``oneself``, ``nurse_account`` for a nurse, whose shifts go with her,
    ``consults_ahead``, ``last_administrator`` – of two who close each other, the second.
    """
    Market.objects.select_for_update(no_key=True).get(id=by.market_id)
    user = _own_way(_locked(user_id, by))
    standing = [state.value for state in STANDING]
    if Consult.objects.filter(clinician=user, ends_at__gt=now, state__in=standing).exists():
        raise Conflict("consults_ahead", "Patients have consults ahead with this person.")
    leading = User.objects.filter(
        market_id=by.market_id, role=Role.ADMINISTRATOR.value, is_active=True
    )
    if not leading.exclude(id=user_id).exists():
        raise Conflict("last_administrator", "Nobody would be left to look after the market.")
    _sign_out(user, "account_closed", at)
    user.is_active = False
    user.save(update_fields=["is_active"])
    Invitation.objects.filter(user=user).delete()
    audit.note(by, "close", "user_account", user_id, now=now)


@transaction.atomic
def open_account(user_id: UUID, *, by: Actor, now: datetime) -> None:
    """It opens with what it had. Raises NotFound; Conflict ``oneself``, ``nurse_account``."""
    user = _own_way(_locked(user_id, by))
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.note(by, "open", "user_account", user_id, now=now)


def _locked(user_id: UUID, by: Actor) -> User:
    user = staff_for(by, user_id)
    if user.id == by.user_id:
        raise Conflict("oneself", "This is your own account: change it under “Your account”.")
    return User.objects.select_for_update(no_key=True).get(id=user.id)


def _own_way(user: User) -> User:
    if user.role == Role.NURSE:
        raise Conflict("nurse_account", "Her shifts go with it: do this on the nurse's page.")
    return user


def _check_password(password: str, user: User) -> None:
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({"password": "This is too long."})
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise Invalid({"password": fault.messages}) from fault


def _sign_out(user: User, because: str, at: datetime) -> None:
    """Before the user's row is changed, or the trigger on it gives its own reason."""
    SignIn.objects.filter(user=user, ended_at__isnull=True).update(
        ended_at=at, ended_because=because
    )
    ScreenSession.objects.filter(user=user).delete()
