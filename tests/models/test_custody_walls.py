"""Entries by raw SQL under the application's role: every cheat is refused by PostgreSQL."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dispatch.domain.custody import WAYS, Account, EntryKind
from dispatch.domain.ids import new_id
from dispatch.models import Visit
from tests.models.custody_case import CONTENT, Case, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return Case()


def test_what_the_other_tests_spoil_goes_through(case) -> None:
    """The control: out, given, wasted, signed, completed; and a second vial out and back."""
    case.entry("checked_out")
    case.entry("given", 35_000)
    case.sign(case.entry("wasted", 15_000))
    case.vial = case.world.vial("V2")
    case.entry("checked_out")
    back = case.entry("returned")
    case.sign(back)
    case.entry("restocked", restocks_id=back)
    case.complete()
    assert Visit.objects.get(id=case.visit).status == "completed"


@pytest.mark.parametrize("ug", [0, -1, -CONTENT])
def test_an_amount_is_above_nothing(case, ug) -> None:
    case.entry("checked_out")
    with refused("entry_moves_something|ug_check"):
        case.entry("given", ug)


def test_an_entry_goes_only_where_its_kind_goes(case) -> None:
    case.entry("checked_out")
    through = set()
    for kind in EntryKind:
        for source in Account:
            for target in Account:
                if goes_through(case, kind.value, source.value, target.value):
                    through.add((kind, source, target))
    allowed = {(kind, *way) for kind, ways in WAYS.items() for way in ways}
    elsewhere = {EntryKind.RECEIVED, EntryKind.CHECKED_OUT, EntryKind.RESTOCKED}
    assert through <= allowed
    assert {one for one in allowed if one[0] not in elsewhere} - through == {
        (EntryKind.DISCREPANCY, Account.STOCK, Account.DISCREPANCY),
        (EntryKind.DISCREPANCY, Account.RETURNED, Account.DISCREPANCY),
    }, "neither stock nor what was returned holds anything"


def goes_through(case: Case, kind: str, source: str, target: str) -> bool:
    try:
        with transaction.atomic():
            case.entry(kind, source=source, target=target)
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


def test_a_vial_that_is_out_is_not_checked_out_again(case) -> None:
    case.entry("checked_out")
    with refused("stock_is_never_overdrawn"):
        case.entry("checked_out")
    back = case.entry("returned")
    with refused("stock_is_never_overdrawn"):
        case.entry("checked_out")
    case.sign(back)
    case.entry("restocked", restocks_id=back)
    case.entry("checked_out")


def test_stock_gives_no_more_than_it_has_and_takes_no_more_than_the_vial(case) -> None:
    for source, target, ug in (
        ("stock", "discrepancy", CONTENT + 1),
        ("discrepancy", "stock", 1),
        ("returned", "discrepancy", 1),
    ):
        with refused("stock_is_never_overdrawn"):
            case.entry("discrepancy", ug, source=source, target=target)
    case.entry("discrepancy", CONTENT, source="stock", target="discrepancy")
    with refused("stock_is_never_overdrawn"):
        case.entry("checked_out")


def test_rows_of_one_statement_count_each_other(case) -> None:
    case.entry("discrepancy", 30_000, source="stock", target="discrepancy")
    with refused("stock_is_never_overdrawn"):
        run(
            "INSERT INTO custody_entry (id, kind, source, target, ug, reason, at, recorded_at,"
            " asked_id, market_id, nurse_id, recorded_by_id, restocks_id, visit_id, vial_id)"
            " SELECT gen_random_uuid(), kind, source, target, 15000, reason, at, recorded_at,"
            " asked_id, market_id, nurse_id, recorded_by_id, restocks_id, visit_id, vial_id"
            " FROM custody_entry, generate_series(1, 2) WHERE kind = 'discrepancy'"
        )


@pytest.mark.parametrize("kind", ["received", "checked_out", "returned"])
def test_a_whole_vial_moves_or_none(case, kind) -> None:
    with refused("vial_moves_whole|vial_received_once"):
        case.entry(kind, CONTENT - 1)


def test_a_vial_is_received_once(case) -> None:
    with refused("vial_received_once|stock_is_never_overdrawn"):
        case.entry("received")


def test_a_vial_goes_back_into_stock_by_a_signed_return_of_its_own_and_once(case) -> None:
    case.entry("checked_out")
    with refused("restocked_names_the_return"):
        case.entry("restocked")
    wasted, back = case.entry("wasted", 1), case.entry("returned")
    for other in (wasted, back):
        with refused("restocked_was_returned"):
            case.entry("restocked", restocks_id=other)
    case.sign(back)
    first, case.vial = case.vial, case.world.vial("V2")
    with refused("restocked_was_returned"):
        case.entry("restocked", restocks_id=back)
    case.vial = first
    case.entry("restocked", restocks_id=back)
    case.entry("checked_out")
    case.entry("returned")
    with refused("restocks_id"):
        case.entry("restocked", restocks_id=back)


def test_an_event_is_entered_once(case) -> None:
    event = new_id()
    case.entry("checked_out", event_id=event)
    with refused("event_id"):
        case.entry("given", 1, event_id=event)


def test_what_a_nurse_has_is_of_a_visit_and_what_she_has_not_is_of_none(case) -> None:
    for missing in ("visit_id", "nurse_id"):
        with refused("hands_are_a_nurses_at_a_visit"):
            case.entry("checked_out", **{missing: None})
    of_visit = {"visit_id": case.visit, "nurse_id": case.nina.person_id}
    with refused("hands_are_a_nurses_at_a_visit"):
        case.entry("discrepancy", 1, source="stock", target="discrepancy", **of_visit)


@pytest.mark.parametrize("whose", ["vial_id", "visit_id", "nurse_id", "recorded_by_id",
                                   "market_id"])  # fmt: skip
def test_all_of_an_entry_is_of_one_market(case, whose) -> None:
    other = Case("Boston")
    foreign = {
        "vial_id": other.vial, "visit_id": other.visit, "nurse_id": other.nina.person_id,
        "recorded_by_id": other.nina.user_id, "market_id": other.world.market.id,
    }  # fmt: skip
    with refused("custody_in_one_market"):
        case.entry("checked_out", **{whose: foreign[whose]})


@pytest.mark.parametrize(
    "cheat",
    [
        "UPDATE custody_entry SET ug = 1",
        "UPDATE custody_entry SET visit_id = NULL, nurse_id = NULL",
        "DELETE FROM custody_entry",
        "TRUNCATE custody_entry CASCADE",
        "UPDATE custody_signature SET at = now()",
        "DELETE FROM custody_signature",
        "UPDATE vial SET content_ug = 1",
        "DELETE FROM vial",
        "ALTER TABLE visit DISABLE TRIGGER visit_custody",
        "DROP TRIGGER custody_entry_holds ON custody_entry",
        "ALTER TABLE custody_entry DROP CONSTRAINT entry_goes_its_way",
        "DROP FUNCTION check_custody_of_visit() CASCADE",
    ],
)
def test_the_applications_role_changes_nothing_that_was_written(case, cheat) -> None:
    case.entry("checked_out")
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        run(cheat)


def test_the_reason_of_a_discrepancy_is_not_readable_in_the_database(case) -> None:
    case.entry("discrepancy", 1, source="stock", target="discrepancy")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM custody_entry WHERE kind = 'discrepancy'")
        assert "lost" not in cursor.fetchone()[0]
