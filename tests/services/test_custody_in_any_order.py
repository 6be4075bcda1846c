"""What a phone tells of vials comes to the same in any order and told twice; and by raw sums."""

from collections import Counter
from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import ledger
from dispatch.domain.custody import EntryKind
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.models import Visit
from dispatch.selectors.custody import to_sign, unsettled_among
from tests.services.custody_day import BACK, CONTENT, GAP, GIVEN, OUT, WASTED, Day

pytestmark = pytest.mark.django_db

TOLD = st.tuples(st.sampled_from([OUT, GIVEN, WASTED, BACK, GAP]), st.sampled_from("AB"),
                 st.sampled_from([1, 20_000, 30_000, CONTENT]), st.booleans())  # fmt: skip


@pytest.fixture
def day() -> Day:
    made = Day()
    for number in "AB":
        made.world.vial(number)
    return made


@given(st.data(), st.lists(TOLD, min_size=1, max_size=7))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_and_duplicates_give_the_same_balances(day, data, drawn) -> None:
    """The oracle adds up what was told; of a vial's checkouts at one visit one can be true."""
    events = [(new_id(), *one) for one in drawn]
    twice = data.draw(st.lists(st.sampled_from(events), max_size=3))
    shuffled = data.draw(st.permutations(events + twice))
    with transaction.atomic():
        for event, kind, vial, ug, found in shuffled:
            tell(day, event, kind, vial, -ug if found and kind is GAP else ug)
        assert by_sql(day) == expected(events)
        assert ledger.balance_of(day.visit) == sum(expected(events).values())
        for row in to_sign(day.nora) if data.draw(st.booleans()) else ():
            day.sign(row.id)
        settled = day.visit not in unsettled_among(Visit.objects.all())
        assert ledger.is_settled(day.visit) is settled
        transaction.set_rollback(True)


def tell(day: Day, event, kind: EntryKind, vial: str, ug: int) -> None:
    with suppress(Conflict):
        day.told(kind, ug, vial=vial, event_id=event, reason="spilt", late=True)


def expected(events) -> dict[str, int]:
    left: Counter[str] = Counter()
    for vial in {vial for _, kind, vial, _, _ in events if kind is OUT}:
        left[vial] += CONTENT
    for _, kind, vial, ug, found in events:
        left[vial] -= {OUT: 0, BACK: CONTENT}.get(kind, -ug if found and kind is GAP else ug)
    return {vial: ug for vial, ug in left.items() if ug}


def by_sql(day: Day) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, sum(CASE target WHEN 'nurse' THEN ug ELSE -ug END)"
            " FROM custody_entry JOIN vial ON vial.id = vial_id"
            " WHERE visit_id = %s GROUP BY number",
            [day.visit],
        )
        return {number: int(ug) for number, ug in cursor.fetchall() if ug}
