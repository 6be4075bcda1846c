"""Versions of treatments: written once, drafted in a market, signed off there and nowhere else."""

import copy

import pytest
from django.db import DatabaseError, connection, transaction

from dispatch.domain.errors import Invalid, NotFound
from dispatch.models import Market, Protocol
from dispatch.selectors.protocols import bookable, bookable_row, protocol_of, versions_of
from dispatch.services.protocols import draft_version, publish_shipped, sign_off
from tests.builders import KETAMINE, NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World(demo=False)
    assert world.market
    return world


def edited(world: World, **changes):
    data = copy.deepcopy(Protocol.objects.get(code=KETAMINE, is_current=True).data)
    return data | changes


def rules_of(world: World) -> list[str]:
    return [rule.code for rule in world.protocol().extra_rules]


def offered(world: World) -> dict[str, int]:
    return {one.protocol.code: one.protocol.version for one in bookable(world.market.id)}


def test_a_shipped_version_is_offered_once_it_and_each_of_its_rules_are_signed_off(world) -> None:
    shipped = world.protocol().version
    *some, last = rules_of(world)
    assert offered(world) == {}
    sign_off(KETAMINE, shipped, rules=[], by=world.dora, now=NOW)
    sign_off(KETAMINE, shipped, rules=some, by=world.dora, now=NOW)
    assert offered(world) == {}
    sign_off(KETAMINE, shipped, rules=[last], by=world.dora, now=NOW)
    assert offered(world) == {KETAMINE: shipped}


def test_a_draft_is_current_in_its_own_market_once_it_is_signed_off(world) -> None:
    elsewhere = World("Boston")
    number = draft_version(KETAMINE, edited(world, price_cents=1), by=world.dora, now=NOW)
    assert number == 1001
    assert draft_version(KETAMINE, edited(world), by=elsewhere.dora, now=NOW) == 1001
    assert offered(world) == {}
    sign_off(KETAMINE, number, rules=rules_of(world), by=world.dora, now=NOW)
    assert offered(world) == {KETAMINE: 1001}
    assert protocol_of(bookable_row(world.market.id, KETAMINE).id).price_cents == 1
    assert offered(elsewhere)[KETAMINE] == world.protocol().version
    assert publish_shipped() == 0
    newest = versions_of(world.market.id, KETAMINE)[0]
    assert (newest.version, newest.drafted, newest.current, newest.approved) == (
        1001, True, True, True,
    )  # fmt: skip


def test_another_markets_draft_cannot_be_seen_or_signed(world) -> None:
    elsewhere = World("Boston")
    number = draft_version(KETAMINE, edited(world), by=world.dora, now=NOW)
    assert number not in {one.version for one in versions_of(elsewhere.market.id, KETAMINE)}
    with pytest.raises(NotFound):
        sign_off(KETAMINE, number, rules=[], by=elsewhere.dora, now=NOW)


def test_a_demo_market_goes_on_with_what_was_shipped_while_a_draft_is_not_approved(world) -> None:
    Market.objects.filter(id=world.market.id).update(is_demo=True)
    number = draft_version(KETAMINE, edited(world), by=world.dora, now=NOW)
    sign_off(KETAMINE, number, rules=[], by=world.dora, now=NOW)
    assert offered(world)[KETAMINE] == world.protocol().version


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_cents": -1}, "data.price_cents"),
        ({"phases_s": {"setup": 1}}, "data.phases_s.infusion"),
        ({"castle": 1}, "data.castle"),
        ({"questionnaire": "iv_ketamine@99"}, "data.questionnaire"),
        ({"medication": {"x": {"question": "shoe_size", "washout_days": 1}}}, "data.shoe_size"),
        ({"extra_rules": {"x": {"text": "x", "approved": True}}}, "data.extra_rules.x.approved"),
        ({"valid_days": {"clearance": 10**9, "order": 1, "consent": 1}},
         "data.valid_days.clearance"),
        ({"name": "a\x00b"}, "data"),
        ({"name": "a\ud800b"}, "data"),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_read_is_refused_by_field(world, changes, field) -> None:
    with pytest.raises(Invalid) as refused:
        draft_version(KETAMINE, edited(world, **changes), by=world.dora, now=NOW)
    assert set(refused.value.fields) == {field}
    assert not Protocol.objects.filter(market__isnull=False).exists()


def test_what_is_not_there_cannot_be_drafted_or_approved(world) -> None:
    data = edited(world)
    with pytest.raises(NotFound):
        draft_version("castle", data, by=world.dora, now=NOW)
    with pytest.raises(Invalid):
        sign_off(KETAMINE, world.protocol().version, rules=["castle"], by=world.dora, now=NOW)


@pytest.mark.parametrize(
    ("cheat", "refusal"),
    [
        ("UPDATE protocol SET data = data || '{\"price_cents\": 1}'", "stays as it is"),
        ("UPDATE protocol SET version = version + 100", "stays as it is"),
        ("UPDATE protocol SET questionnaire_id = gen_random_uuid()", "stays as it is"),
        ("UPDATE questionnaire SET data = '{}'", "stays as it is"),
        ("DELETE FROM protocol", "permission denied"),
        ("DELETE FROM questionnaire", "permission denied"),
        ("UPDATE sign_off SET rules = '[]'", "permission denied"),
        ("DELETE FROM answer", "permission denied"),
        ("UPDATE answer SET question = 'x'", "permission denied"),
        ("UPDATE screening SET outcome = 'cleared'", "permission denied"),
        ("DELETE FROM medication_agreement", "permission denied"),
        ("ALTER TABLE protocol DISABLE TRIGGER protocol_stays", "must be owner"),
    ],
)  # fmt: skip
def test_raw_sql_rewrites_nothing_that_was_written(world, cheat, refusal) -> None:
    with (
        pytest.raises(DatabaseError, match=refusal),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(cheat)
