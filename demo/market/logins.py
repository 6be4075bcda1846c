"""The demo's passwords: made from the installation's own key, so that none is kept anywhere."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import salted_hmac

from dispatch.domain.people import PEOPLE, Role
from dispatch.models import Market, User

LENGTH = 20

Logins = dict[str, dict[str, str]]


def password_of(role: Role) -> str:
    """Return the one password of everybody in this role; another key makes another password."""
    digest = salted_hmac("demo.market.logins", role.value, algorithm="sha256").hexdigest()
    return digest[:LENGTH]


def hand_out(market: Market, people: dict[Role, str]) -> Logins:
    """Make the passwords hold for those who can sign in; return the login to try, by role."""
    for role in PEOPLE:
        users = User.objects.filter(market=market, role=role.value)
        able = users.filter(username=people[role]) if role is Role.PATIENT else users
        _set(able.get(username=people[role]), list(able.values_list("id", flat=True)), role)
    return {
        role.value: {"username": username, "password": password_of(role)}
        for role, username in people.items()
    }


def _set(first: User, everybody: list[UUID], role: Role) -> None:
    """Hashing is slow by design: it is done once a role, and only where the key has changed."""
    if not (first.has_usable_password() and check_password(password_of(role), first.password)):
        User.objects.filter(id__in=everybody).update(password=make_password(password_of(role)))
