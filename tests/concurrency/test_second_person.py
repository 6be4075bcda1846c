"""Of two who confirm a dose at once one has done it; whoever signed it never has."""

from collections import Counter
from functools import partial

import pytest
from django.db import IntegrityError

from dispatch.domain.errors import Conflict, Forbidden
from dispatch.domain.people import Actor, Role
from dispatch.models import AuditEntry, Order
from dispatch.services import orders
from dispatch.services.orders import confirm_order, sign_order
from tests.builders import KETAMINE, NOW, World
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


def sign(world: World, dose: int):
    return sign_order(
        patient_id=world.alice.person_id, protocol_code=KETAMINE, infusions=6,
        dose_ug_per_kg=dose, by=world.dora, now=NOW,
    )  # fmt: skip


def race_to_confirm(world: World, monkeypatch, *, locked: bool = True) -> list[object]:
    """Both have seen that the order waits before either confirms it, unless kept apart."""
    sign(world, 500)
    changed = sign(world, 600)
    people = [
        Actor(world.user(name, Role.PRESCRIBER).id, Role.PRESCRIBER, world.market.id)
        for name in ("dan", "dee")
    ]
    meeting, save = Meeting(), Order.save
    monkeypatch.setattr(Order, "save", meeting.before(save))
    if not locked:
        monkeypatch.setattr(orders, "_locked", lambda _: None)
    contestants = [*people, world.dora]
    return race([partial(confirm_order, changed, by=one, now=NOW) for one in contestants])


def test_of_two_who_confirm_one_has_done_it_and_the_signer_never(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = race_to_confirm(world, monkeypatch)
    assert Counter(map(type, outcomes)) == {type(None): 1, Conflict: 1, Forbidden: 1}
    assert AuditEntry.objects.filter(verb="confirm").count() == 1
    order = Order.objects.get(dose_ug_per_kg=600)
    assert order.confirmed_by_id not in {None, world.dora.user_id}


def test_without_the_lock_both_find_the_order_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the race is real, and the trigger is the second wall."""
    outcomes = race_to_confirm(world, monkeypatch, locked=False)
    assert Counter(map(type, outcomes)) == {type(None): 1, IntegrityError: 1, Forbidden: 1}
