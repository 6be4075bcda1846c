"""Vials in stock: received once, counted, and what is missing there explained."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Invalid
from dispatch.selectors.vials import vials_seen_by
from dispatch.services.custody import explain, receive_vials
from tests.builders import LAST_DAY, NOW, TODAY
from tests.services.custody_day import CONTENT, OUT, Day, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> Day:
    return Day()


def test_a_gap_in_stock_is_explained_seen_and_never_more_than_there_is(day) -> None:
    for ug in (CONTENT + 1, -1):
        with pytest.raises(Invalid) as refusal:
            explain(day.vial, visit_id=None, ug=ug, reason="x", by=day.world.anna, now=NOW)
        assert list(refusal.value.fields) == ["ug"]
    entry = explain(day.vial, visit_id=None, ug=1, reason="leaks", by=day.world.anna, now=NOW)
    assert day.open_tasks == [day.vial]
    with refused("vial_not_in_stock"):
        day.told(OUT)
    day.sign(entry)
    assert day.open_tasks == []


def test_a_gap_is_not_explained_at_a_visit_where_the_vial_has_not_been(day) -> None:
    with pytest.raises(Invalid) as refusal:
        explain(day.vial, visit_id=day.visit, ug=1, reason="x", by=day.dora, now=NOW)
    assert list(refusal.value.fields) == ["visit"]


def test_vials_are_received_once_and_only_those_that_can_be_used(day) -> None:
    good = {"drug": "ketamine", "lot": "L8", "content_ug": CONTENT, "expires_on": LAST_DAY,
            "by": day.world.anna, "now": NOW}  # fmt: skip
    assert len(receive_vials(["A", "B"], **good)) == 2
    with refused("vial_known") as refusal:
        receive_vials(["C", "B", "A"], **good)
    assert refusal.value.facts == {"numbers": ["A", "B"]}
    for wrong, field in (
        ({"drug": "saline"}, "drug"), ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as named:
            receive_vials(["D"], **good | wrong)
        assert list(named.value.fields) == [field]
    with pytest.raises(Invalid):
        receive_vials(["E", "E"], **good)
    states = vials_seen_by(day.nina).values_list("number", "state").order_by("number")
    assert set(states) == {(number, "in_stock") for number in ("A", "B", "V1")}
