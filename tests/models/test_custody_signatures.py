"""Signatures and completed visits by raw SQL: PostgreSQL asks for two people and balanced vials."""

import pytest

from dispatch.domain.custody import WITNESSED, WITNESSES, EntryKind
from dispatch.domain.ids import new_id
from dispatch.domain.people import Role
from dispatch.models import User
from tests.builders import World
from tests.models.custody_case import CONTENT, Case, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return Case()


def test_nobody_signs_their_own_entry_nor_one_about_their_hands(case) -> None:
    case.entry("checked_out")
    hers = case.entry("wasted", 1)
    by_dora = case.entry("discrepancy", 1, source="nurse", target="discrepancy",
                         recorded_by_id=case.world.dora.user_id)  # fmt: skip
    for entry, user in (
        (hers, case.nina.user_id), (by_dora, case.nina.user_id), (by_dora, case.world.dora.user_id),
    ):  # fmt: skip
        with refused("two_people_sign"):
            case.sign(entry, user)
    case.sign(hers, case.world.dora.user_id)
    case.sign(by_dora)


@pytest.mark.parametrize("role", list(Role))
def test_only_licensed_people_of_the_market_who_are_active_sign(case, role) -> None:
    case.entry("checked_out")
    entry = case.entry("wasted", 1)
    home, elsewhere = (world.user("wilma", role).id for world in (case.world, World("Boston")))
    with refused("witness_is_licensed"):
        case.sign(entry, elsewhere)
    User.objects.filter(id=home).update(is_active=False)
    with refused("witness_is_licensed"):
        case.sign(entry, home)
    User.objects.filter(id=home).update(is_active=True)
    if role in WITNESSES:
        case.sign(entry, home)
    else:
        with refused("witness_is_licensed"):
            case.sign(entry, home)


def test_an_entry_is_signed_once_and_only_where_a_witness_is_needed(case) -> None:
    out = case.entry("checked_out")
    given, wasted = case.entry("given", 1), case.entry("wasted", 1)
    for entry in (out, given, new_id()):
        with refused("signed_is_witnessed"):
            case.sign(entry)
    case.sign(wasted)
    with refused("entry_id"):
        case.sign(wasted, case.world.dora.user_id)


@pytest.mark.parametrize(
    "entries",
    [
        [("checked_out", CONTENT)],
        [("checked_out", CONTENT), ("given", CONTENT - 1)],
        [("checked_out", CONTENT), ("given", CONTENT + 1)],
        [("given", 1)],
        [("checked_out", CONTENT), ("wasted", CONTENT)],
        [("checked_out", CONTENT), ("returned", CONTENT)],
        [("checked_out", CONTENT), ("discrepancy", CONTENT)],
    ],
    ids=["all left", "one left", "one too many", "never out", "unseen waste", "unseen return",
         "unseen discrepancy"],
)  # fmt: skip
def test_a_visit_is_not_completed_before_its_custody_is_settled(case, entries) -> None:
    """The last three balance and want a signature alone."""
    made = [
        case.entry(kind, ug, **({"source": "nurse", "target": "discrepancy"}
                                if kind == "discrepancy" else {}))
        for kind, ug in entries
    ]  # fmt: skip
    with refused("completed_with_custody_settled"):
        case.complete()
    if EntryKind(entries[-1][0]) in WITNESSED:
        case.sign(made[-1])
        run("UPDATE visit SET status = 'completed' WHERE id = %s", case.visit)


def test_vials_of_one_visit_do_not_make_up_for_each_other(case) -> None:
    case.entry("checked_out")
    case.vial = case.world.vial("V2")
    case.entry("given", CONTENT)
    with refused("completed_with_custody_settled"):
        case.complete()
