"""Two markets beside each other, and which of them are seen."""

from __future__ import annotations

from uuid import UUID

from dispatch.models import Patient, SignIn, User, Visit
from tests.builders import NOW, World, at


def booked(name: str) -> World:
    world = World(name)
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    SignIn.objects.create(user_id=world.alice.user_id, begun_at=NOW)
    return world


def markets() -> set[UUID]:
    """Whose visits, patients, accounts and sign-ins are seen, with no filter at all."""
    return {
        *Visit.objects.values_list("market_id", flat=True),
        *Patient.objects.values_list("market_id", flat=True),
        *User.objects.values_list("market_id", flat=True),
        *SignIn.objects.values_list("user__market_id", flat=True),
    }
