"""Licences and certificates are added, renewed and ended; the planner's rules read them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from dispatch.domain.credentials import CredentialKind, Standing
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.models import AuditEntry, Certificate, Licence, Shift
from dispatch.selectors.office import nurse_card
from dispatch.services.assignment import assign_visit
from dispatch.services.credentials import add_credential, end_credential, renew_credential
from tests.builders import NOW, TODAY, TOMORROW, World, at

pytestmark = pytest.mark.django_db

LICENCE, CERTIFICATE = CredentialKind.LICENCE, CredentialKind.CERTIFICATE
NEXT_YEAR = TODAY + timedelta(days=365)
CERTIFICATES = ("iv_ketamine", "acls")


@pytest.fixture
def world() -> World:
    world = World()
    world.nina = world.nurse("nina", states=(), certificates=CERTIFICATES)
    world.shift(world.nina)
    return world


def add(world, kind=LICENCE, code="DC", first=TODAY, last=NEXT_YEAR, number="RN 7"):
    return add_credential(
        world.nina.person_id, kind, code, number=number, first_day=first, last_day=last,
        by=world.anna, now=NOW,
    )  # fmt: skip


def renew(world, row, last, now=NOW):
    return renew_credential(LICENCE, row, last, by=world.anna, now=now)


def end(world, row, now=NOW) -> None:
    end_credential(LICENCE, row, by=world.anna, now=now)


def stands(world, now=NOW) -> dict[str, Standing]:
    card = nurse_card(world.anna, world.nina.person_id, now=now)
    return {one.code: one.standing for one in card.holdings if one.kind == LICENCE}


def offered(world) -> bool:
    return bool(world.slots(world.home(world.alice)))


def verbs() -> list[tuple[str, str]]:
    rows = AuditEntry.objects.filter(subject__in=list(CredentialKind)).order_by("id")
    return list(rows.values_list("verb", "subject"))


def test_with_her_licence_a_nurse_can_be_booked_and_without_it_she_cannot(world) -> None:
    assert not offered(world)
    row = add(world)
    assert (offered(world), stands(world)) == (True, {"DC": Standing.VALID})
    end(world, row)
    assert (offered(world), stands(world)) == (False, {"DC": Standing.ENDED})
    assert Licence.objects.get(id=row).valid_until == NOW
    assert verbs() == [("add", "licence"), ("end", "licence")]


def test_it_holds_through_its_last_day_by_the_markets_clocks(world) -> None:
    row = Licence.objects.get(id=add(world, last=TOMORROW))
    assert row.valid_from == at(0, day=TODAY)
    assert row.valid_until == at(0, day=TOMORROW + timedelta(days=1))
    (held,) = nurse_card(world.anna, world.nina.person_id, now=NOW).held[:1]
    assert (held.first_day, held.last_day) == (TODAY, TOMORROW)
    assert stands(world) == {"DC": Standing.ENDS_SOON}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code", {"code": "XX"}), ("code", {"kind": CERTIFICATE, "code": "DC"}),
        ("code", {"kind": CERTIFICATE, "code": "acls"}), ("number", {"number": "7" * 65}),
        ("last_day", {"first": TOMORROW, "last": TODAY}),
        ("last_day", {"first": TODAY - timedelta(days=9), "last": TODAY - timedelta(days=1)}),
        ("last_day", {"last": date(9999, 12, 31)}), ("first_day", {"first": date(1, 1, 1)}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_written(world, field, typed) -> None:
    with pytest.raises(Invalid) as refusal:
        add(world, **typed)
    assert list(refusal.value.fields) == [field]
    assert (Licence.objects.count(), Certificate.objects.count(), verbs()) == (0, 2, [])


def test_a_renewal_follows_what_she_held_and_leaves_it_as_it_was(world) -> None:
    first = add(world, last=TOMORROW)
    second = renew(world, first, NEXT_YEAR)
    old, new = Licence.objects.get(id=first), Licence.objects.get(id=second)
    assert (new.valid_from, new.number) == (old.valid_until, "RN 7")
    assert stands(world) == {"DC": Standing.VALID}
    with pytest.raises(Invalid) as refusal:
        renew(world, first, NEXT_YEAR)
    assert list(refusal.value.fields) == ["last_day"]
    assert verbs() == [("add", "licence"), ("renew", "licence")]


def test_what_was_let_run_out_begins_again_on_the_day_of_its_renewal(world) -> None:
    first = add(world, last=TODAY)
    later = NOW + timedelta(days=3)
    second = renew(world, first, NEXT_YEAR, now=later)
    assert Licence.objects.get(id=second).valid_from == at(0, day=TODAY + timedelta(days=3))
    assert stands(world, now=later) == {"DC": Standing.VALID}


def test_what_has_not_begun_is_taken_away_and_what_has_ended_stays(world) -> None:
    first = add(world, last=TODAY)
    second = renew(world, first, NEXT_YEAR)
    end(world, second)
    assert list(Licence.objects.values_list("id", flat=True)) == [first]
    end(world, first)
    with pytest.raises(Conflict) as refusal:
        end(world, first)
    assert refusal.value.code == "credential_over"
    assert verbs()[2:] == [("end", "licence"), ("end", "licence")]


def test_visits_stay_hers_when_a_licence_ends(world) -> None:
    """The gates keep them from beginning, and the board gives them to somebody else."""
    row = add(world)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    end(world, row)
    assert Shift.objects.get(nurse_id=world.nina.person_id).reservations.count() == 1


def test_what_is_another_markets_is_not_there(world) -> None:
    mallory, row = World("Elsewhere").anna, add(world)
    before = verbs()
    for deed in (
        lambda: add_credential(
            world.nina.person_id, LICENCE, "VA", number="", first_day=TODAY, last_day=NEXT_YEAR,
            by=mallory, now=NOW,
        ),
        lambda: renew_credential(LICENCE, row, NEXT_YEAR, by=mallory, now=NOW),
        lambda: end_credential(LICENCE, row, by=mallory, now=NOW),
        lambda: end_credential(CERTIFICATE, row, by=world.anna, now=NOW),
        lambda: end_credential(LICENCE, uuid4(), by=world.anna, now=NOW),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            deed()
    assert verbs() == before
