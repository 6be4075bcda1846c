"""A market's name, clocks and telephone are changed, once at a time."""

import pytest

from dispatch.domain.errors import Conflict, Invalid
from dispatch.models import AuditEntry, Market
from dispatch.selectors.office import market_terms
from dispatch.services.markets import change_market
from tests.builders import NOW, World, at

pytestmark = pytest.mark.django_db

TERMS = {"name": "Capital", "zone": "America/New_York", "office_phone": "(202) 555-0147"}


@pytest.fixture
def world() -> World:
    world = World()
    assert world.anna
    return world


def change(world: World, **typed) -> None:
    change_market(**{**TERMS, "expected": 1, **typed}, by=world.anna, now=NOW)


def row(world: World) -> dict:
    return Market.objects.filter(id=world.market.id).values().get()


def test_all_of_it_is_changed_and_told(world) -> None:
    change(world, zone="America/Chicago")
    found = market_terms(world.anna)
    assert (found.name, found.zone) == ("Capital", "America/Chicago")
    assert (found.office_phone, found.version) == ("+12025550147", 2)
    assert [one.verb for one in AuditEntry.objects.filter(subject="market")] == ["change"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "), ("name", "x" * 101), ("name", "Elsewhere"), ("zone", "Mars/Olympus"),
        ("office_phone", ""), ("office_phone", "x"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(world, field, typed) -> None:
    assert World("Elsewhere").market
    before = row(world)
    with pytest.raises(Invalid) as refusal:
        change(world, **{field: typed})
    assert (list(refusal.value.fields), row(world)) == ([field], before)


def test_of_two_editors_the_second_is_told(world) -> None:
    change(world)
    before = row(world)
    with pytest.raises(Conflict) as refusal:
        change(world, name="Other")
    assert (refusal.value.code, row(world)) == ("stale", before)


def test_the_clocks_stay_while_shifts_or_visits_lie_ahead(world) -> None:
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    with pytest.raises(Invalid) as refusal:
        change(world, zone="America/Chicago")
    assert list(refusal.value.fields) == ["zone"]
    change(world)
