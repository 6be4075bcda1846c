"""The town of the API's tests, with something of everything in it, and people who can sign in."""

from __future__ import annotations

from dispatch.models import User
from dispatch.services.protocols import publish_shipped
from tests.api.town import Town
from tests.builders import PASSWORD


def found_town() -> dict[str, str]:
    """Return the usernames, by role."""
    publish_shipped()
    town = Town("Springfield")  # the examples of the document lock out nobody here
    for thing in ("assigned", "series", "task", "webhook"):
        assert getattr(town, thing)
    people = {
        "patient": town.alice, "dispatcher": town.bob, "nurse": town.nina,
        "prescriber": town.dora, "administrator": town.anna,
    }  # fmt: skip
    return {role: _with_password(actor.user_id) for role, actor in people.items()}


def _with_password(user_id: object) -> str:
    user = User.objects.get(id=user_id)
    user.set_password(PASSWORD)
    user.save()
    return user.username
