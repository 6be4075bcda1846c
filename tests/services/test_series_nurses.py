"""Who comes to a series: its nurse as long as she can; then another, unless she was asked for."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.jobs import Cause
from dispatch.domain.people import Actor
from dispatch.domain.series import Continuity, Wish
from dispatch.models import AuditEntry, Market, Shift, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.movable import movable
from dispatch.selectors.proposals import absence_seen_by, job_seen_by
from dispatch.selectors.series import series_seen_by
from dispatch.services.absences import record_absence
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.booking import book_series
from dispatch.services.series import hold_series
from tests.builders import ARLINGTON, BETHESDA, NOW, TODAY, World, at
from workers import planning

pytestmark = pytest.mark.django_db

WEEKLY = "ketamine_weekly_then_monthly"
ALWAYS = range(1, 28)


@pytest.fixture
def world() -> World:
    """Nina works every day and lives far off."""
    world = World()
    world.nina = nurse(world, "nina", BETHESDA)
    return world


def nurse(world: World, name: str, home: tuple[float, float] = ARLINGTON, days=ALWAYS) -> Actor:
    person = world.nurse(name, home)
    for day in days:
        world.shift(person, TODAY + timedelta(days=day))
    return person


def book(world: World, **wish: object) -> list[Visit]:
    series_id = hold_series(
        location_id=world.home(world.alice).id,
        protocol_code=WEEKLY,
        wish=Wish(**wish),
        by=world.alice,
        now=NOW,
    )
    book_series(series_id, companion_id=None, by=world.alice, now=NOW)
    return list(Visit.objects.filter(series_id=series_id).order_by("series_number"))


def assigned(visits: list[Visit]) -> list[UUID]:
    """The nurses that a worker gives them to."""
    for visit in visits:
        assign_visit(visit.id, now=NOW)
        visit.refresh_from_db()
    assert {visit.status for visit in visits} == {"assigned"}
    return [visit.reservation.nurse_id for visit in visits]


def promised(visits: list[Visit]) -> list[UUID | None]:
    return [visit.asked_nurse_id for visit in visits]


def by_hand(world: World, visit: Visit, to: Actor, **more: object) -> None:
    assign_by_hand(
        visit.id, to.person_id, reason="ill", expected_version=None, by=world.bob, now=NOW, **more
    )
    visit.refresh_from_db()


def test_who_comes_first_comes_each_time_though_another_is_nearer_by_then(world) -> None:
    visits = book(world)
    assert promised(visits) == [None] * 3
    nurse(world, "nora")
    assert assigned(visits) == [world.nina.person_id] * 3


def test_no_room_is_made_by_sending_a_series_to_another_nurse(world) -> None:
    assigned(book(world))
    assert not movable(world.market.id, now=NOW).exists()


def test_when_its_nurse_cannot_come_any_more_a_worker_finds_another(world) -> None:
    visits, nora = book(world), nurse(world, "nora")
    Shift.objects.filter(id=visits[0].reservation.shift_id).update(
        end_at=at(9, day=visits[0].service_date)
    )
    assert assigned(visits) == [nora.person_id] + [world.nina.person_id] * 2


def test_the_backup_comes_then_rather_than_a_stranger(world) -> None:
    """Both live at the same place; the stranger would be the first of equals."""
    days = [(TODAY + timedelta(days=day)).isoformat() for day in (1, 8)]
    Shift.objects.exclude(service_date__in=days).delete()
    nora = nurse(world, "nora", days=[15])
    visits = book(world)
    assert visits[2].reservation.nurse_id == nora.person_id
    day = visits[1].service_date
    Shift.objects.filter(id=visits[1].reservation.shift_id).update(end_at=at(9, day=day))
    world.shift(world.nurse("olga", ARLINGTON), day)
    world.shift(nora, day)
    assert assigned(visits[1:2]) == [nora.person_id]


def test_an_absence_is_repaired_with_a_free_nurse(world) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    visits = book(world)
    nora, first = nurse(world, "nora"), visits[0]
    assigned(visits)
    absence = record_absence(
        world.nina.person_id, at(0, day=first.service_date), at(23, day=first.service_date),
        reason="", by=world.bob, now=NOW,
    )  # fmt: skip
    planning.work_out_plans()
    repair = absence_seen_by(world.bob, absence).repair
    proposals = job_seen_by(world.bob, repair, Cause.REPAIR).proposals
    assert proposals
    assert not any(one.unserved for one in proposals)
    after = {move.after.nurse.id for one in proposals for move in one.moves}
    assert after == {nora.person_id}


@pytest.mark.parametrize("by_name", [True, False])
def test_whoever_was_asked_for_is_promised(world, by_name) -> None:
    """By name, or as the one nurse of all infusions."""
    asked = {"nurse": world.nina.person_id} if by_name else {"continuity": Continuity.ONE_NURSE}
    visits = book(world, **asked)
    assert promised(visits) == [world.nina.person_id] * 3
    nurse(world, "nora")
    Shift.objects.filter(id=visits[0].reservation.shift_id).update(
        end_at=at(9, day=visits[0].service_date)
    )
    assign_visit(visits[0].id, now=NOW)
    visits[0].refresh_from_db()
    assert (visits[0].status, visits[0].unassigned_because["asked_nurse"]) == ("requested", 1)
    assert assigned(visits[1:]) == [world.nina.person_id] * 2


def test_the_backup_of_whoever_was_asked_for_is_not_promised(world) -> None:
    days = [(TODAY + timedelta(days=day)).isoformat() for day in (1, 8)]
    Shift.objects.exclude(service_date__in=days).delete()
    nurse(world, "nora", days=[15])
    visits = book(world, nurse=world.nina.person_id, continuity=Continuity.WITH_BACKUP)
    assert promised(visits) == [world.nina.person_id] * 2 + [None]


def test_where_any_nurses_will_do_the_nearest_comes(world) -> None:
    visits = book(world, continuity=Continuity.ANY_NURSES)
    assert promised(visits) == [None] * 3
    assert series_seen_by(world.alice, visits[0].series_id, now=NOW).nurse is None
    nora = nurse(world, "nora")
    assert assigned(visits[:1]) == [nora.person_id]


def test_by_hand_it_goes_to_another_once_the_patient_has_agreed(world) -> None:
    visits, nora = book(world, nurse=world.nina.person_id), nurse(world, "nora")
    with pytest.raises(Conflict) as refused:
        by_hand(world, visits[0], nora)
    assert refused.value.code == "rules_broken"
    assert [fix["change"] for fix in refused.value.facts["fixes"]] == ["any_nurse"]
    by_hand(world, visits[0], nora, patient_agreed=True)
    assert visits[0].reservation.nurse_id == nora.person_id
    assert promised(visits) == [None] + [world.nina.person_id] * 2
    noted = AuditEntry.objects.filter(subject_id=visits[0].id).order_by("id")
    assert [one.verb for one in noted] == ["book", "agree_to_another_nurse", "assign"]


def test_whoever_cannot_come_does_not_undo_the_promise(world) -> None:
    (visit, *_), nora = book(world, nurse=world.nina.person_id), nurse(world, "nora", days=[])
    with pytest.raises(Conflict):
        by_hand(world, visit, nora, patient_agreed=True)
    visit.refresh_from_db()
    assert visit.asked_nurse_id == world.nina.person_id
    assert not AuditEntry.objects.filter(verb="agree_to_another_nurse").exists()


def test_what_was_never_promised_needs_nobodys_word(world) -> None:
    visits, nora = book(world), nurse(world, "nora")
    by_hand(world, visits[0], nora, patient_agreed=True)
    assert visits[0].reservation.nurse_id == nora.person_id
    assert not AuditEntry.objects.filter(verb="agree_to_another_nurse").exists()
