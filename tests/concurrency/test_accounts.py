"""A link opens once however many use it at one moment, and a market keeps an administrator."""

from functools import partial
from types import SimpleNamespace

import pytest

from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.people import Actor, Role
from dispatch.models import Market, User
from dispatch.models.clock import database_now
from dispatch.services import accounts
from dispatch.services.accounts import accept_invitation, close_account, invite
from tests.builders import NOW, World
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone

TIMES = 6


@pytest.fixture
def world(fresh_database: Clone, settings) -> World:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = World()
    world.eve = Actor(world.user("eve", Role.ADMINISTRATOR).id, Role.ADMINISTRATOR, world.market.id)
    assert world.anna
    return world


def test_of_six_who_use_a_link_at_once_one_sets_the_password(world) -> None:
    at = database_now()
    secret = invite(world.bob.user_id, by=world.anna, at=at, now=NOW)
    words = [f"horse {number} battery staple" for number in range(TIMES)]
    outcomes = race([partial(accept_invitation, secret, one, at=at, now=NOW) for one in words])
    assert sorted(type(one).__name__ for one in outcomes if one) == ["NotFound"] * (TIMES - 1)
    assert isinstance(next(filter(None, outcomes)), NotFound)
    set_by = words[outcomes.index(None)]
    assert User.objects.get(id=world.bob.user_id).check_password(set_by)


def closing_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> list:
    """Both have looked who is left before either is done, where nothing keeps them apart."""
    met = Meeting().before(accounts.audit.note)
    monkeypatch.setattr(accounts, "audit", SimpleNamespace(note=met))
    pairs = ((world.eve, world.anna), (world.anna, world.eve))
    at = database_now()
    return race([partial(close_account, a.user_id, by=b, at=at, now=NOW) for a, b in pairs])


def left(world: World) -> int:
    found = User.objects.filter(market=world.market, role="administrator", is_active=True)
    return found.count()


def test_of_two_who_close_each_other_one_is_left(world, monkeypatch) -> None:
    outcomes = closing_each_other(world, monkeypatch)
    assert [type(one) for one in outcomes if one] == [Conflict]
    assert left(world) == 1


def test_without_the_markets_lock_nobody_is_left(world, monkeypatch) -> None:
    """The control."""
    unlocked = SimpleNamespace(select_for_update=lambda **_: Market.objects)
    monkeypatch.setattr(accounts, "Market", SimpleNamespace(objects=unlocked))
    assert closing_each_other(world, monkeypatch) == [None, None]
    assert left(world) == 0
