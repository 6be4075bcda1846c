"""What a hand did is undone whole, by the hand that did it, and only while nobody touched it."""

from datetime import timedelta
from uuid import UUID

import pytest

from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.people import Actor, Role
from dispatch.models import Assignment, AuditEntry, Message, OutboxEvent, Reservation, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.undoable import last_by_hand
from dispatch.services.assignment import assign_by_hand, assign_visit, look_at_all_again
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.companions import name_companion
from dispatch.services.message_plans import ask_companion, plan_messages
from dispatch.services.taking_back import undo_assignment
from tests.builders import BETHESDA, KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEPT = (
    "status", "window_start", "window_end", "window_promised", "service_date", "asked_nurse_id",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    """Nina lives in town, Ana further out: a worker takes Nina."""
    world = World()
    world.nina, world.ana = world.nurse("nina"), world.nurse("ana", BETHESDA)
    world.nina_on, world.ana_on = world.shift(world.nina), world.shift(world.ana)
    return world


def now_is(visit_id: UUID) -> Visit:
    return Visit.objects.select_related("reservation").get(id=visit_id)


def booked(world: World) -> Visit:
    return now_is(world.book(world.home(world.alice), world.alice, at(10)))


def wished(world: World) -> Visit:
    """At any time of the day: nothing is promised and no time is kept."""
    visit_id = request_visit(
        location_id=world.home(world.alice).id, protocol_code=KETAMINE, start=at(8), end=at(18),
        companion_id=None, key=None, by=world.bob, now=NOW,
    )  # fmt: skip
    return now_is(visit_id)


def give(world: World, visit: Visit, nurse: Actor, by: Actor | None = None, **more) -> Visit:
    assign_by_hand(
        visit.id, nurse.person_id, reason="", expected_version=None, by=by or world.bob, now=NOW,
        **more,
    )  # fmt: skip
    return now_is(visit.id)


def undo(world: World, visit: Visit, by: Actor | None = None) -> Visit:
    undo_assignment(visit.id, expected_version=visit.version, by=by or world.bob, now=NOW)
    return now_is(visit.id)


def stands(visit: Visit) -> dict[str, object]:
    shift = None if visit.reservation is None else visit.reservation.shift_id
    return {name: getattr(visit, name) for name in KEPT} | {"shift": shift}


def test_a_visit_goes_back_to_the_nurse_it_was_taken_from(world) -> None:
    visit = booked(world)
    assign_visit(visit.id, now=NOW)
    before = now_is(visit.id)
    moved = give(world, before, world.ana)
    assert moved.reservation.shift_id == world.ana_on.id
    back = undo(world, moved)
    assert stands(back) == stands(before)
    assert back.version == moved.version + 1
    nurses = Assignment.objects.filter(visit=visit).order_by("since", "id")
    assert [one.nurse.name for one in nurses] == ["nina", "ana", "nina"]
    assert Reservation.objects.count() == 1
    assert AuditEntry.objects.filter(verb="undo_assign", subject_id=visit.id).count() == 1


def test_a_visit_that_nobody_had_is_wanted_again_and_waits_for_the_dispatcher(world) -> None:
    """Its time at the witness is kept as it was; a worker looks only after a while."""
    before = booked(world)
    back = undo(world, give(world, before, world.ana))
    assert stands(back) == stands(before)
    assert back.assign_due_at == NOW + timedelta(minutes=5)
    assert not Assignment.objects.filter(visit=back, until__isnull=True).exists()
    assert OutboxEvent.objects.filter(name="VisitUnassigned").count() == 1
    look_at_all_again(back.id, now=NOW)
    back.refresh_from_db()
    assert back.assign_due_at == NOW + timedelta(minutes=5)


def test_a_wish_is_as_wide_as_before(world) -> None:
    before = wished(world)
    given = give(world, before, world.nina)
    assert given.window_end - given.window_start < timedelta(hours=2)
    assert stands(undo(world, given)) == stands(before)
    assert Reservation.objects.count() == 0


def test_a_window_that_nobody_was_told_of_is_taken_back_with_what_was_to_be_told(world) -> None:
    before = wished(world)
    given = give(world, before, world.nina)
    plan_messages(given.id, now=NOW)
    assert Message.objects.filter(visit=given, state="due").exists()
    assert stands(undo(world, given)) == stands(before)
    assert set(Message.objects.filter(visit=given).values_list("state", flat=True)) == {"withdrawn"}


@pytest.mark.parametrize("known", ["sent", "leaving", "companion"])
def test_a_window_that_somebody_knows_of_is_not_taken_back(world, known) -> None:
    """Else an answer to this time would count for another one."""
    wish = wished(world)
    if known == "companion":
        carl = world.companion(world.alice)
        name_companion(wish.id, carl.id, expected_version=None, by=world.alice, now=NOW)
    given = give(world, wish, world.nina)
    if known == "companion":
        ask_companion(given.id, now=NOW)
    else:
        plan_messages(given.id, now=NOW)
    first = Message.objects.filter(visit=given, audience="patient").order_by("due_at")[:1]
    told = {"sent": {"state": "sent"}, "leaving": {"lease_until": database_now() + DAY}}
    Message.objects.filter(id__in=first.values("id")).update(attempts=1, **told.get(known, {}))
    with pytest.raises(Conflict) as refused:
        undo(world, given)
    assert refused.value.code == "told_already"
    assert stands(now_is(given.id)) == stands(given)
    assert not Message.objects.filter(visit=given, state="withdrawn").exists()


def test_the_nurse_whom_the_patient_asked_for_is_asked_for_again(world) -> None:
    before = booked(world)
    Visit.objects.filter(id=before.id).update(asked_nurse_id=world.nina.person_id)
    before = now_is(before.id)
    given = give(world, before, world.ana, patient_agreed=True)
    assert given.asked_nurse_id is None
    assert stands(undo(world, given)) == stands(before)


def test_what_somebody_has_changed_since_is_not_undone(world) -> None:
    given = give(world, booked(world), world.ana)
    carl = world.companion(world.alice)
    name_companion(given.id, carl.id, expected_version=None, by=world.alice, now=NOW)
    for version in (given.version, Visit.objects.get(id=given.id).version):
        with pytest.raises(Conflict, match="changed") as refused:
            undo_assignment(given.id, expected_version=version, by=world.bob, now=NOW)
        assert refused.value.code == "stale"
    assert Visit.objects.get(id=given.id).reservation.shift_id == world.ana_on.id
    assert last_by_hand(world.bob) is None


def test_it_is_undone_once_and_by_whose_hand_it_was(world) -> None:
    beth = Actor(world.user("beth", Role.DISPATCHER).id, Role.DISPATCHER, world.market.id)
    given = give(world, booked(world), world.ana)
    with pytest.raises(Conflict) as refused:
        undo(world, given, by=beth)
    assert refused.value.code == "nothing_to_undo"
    back = undo(world, given)
    with pytest.raises(Conflict) as refused:
        undo(world, back)
    assert refused.value.code == "nothing_to_undo"


def test_time_that_others_have_taken_meanwhile_is_not_taken_from_them(world) -> None:
    """Bert has booked the hours that Nina had for Alice: she stays with Ana."""
    before = booked(world)
    assign_visit(before.id, now=NOW)
    given = give(world, before, world.ana)
    bert = world.patient("bert")
    other = world.book(world.home(bert), bert, at(10))
    assert Visit.objects.get(id=other).reservation.shift_id == world.nina_on.id
    with pytest.raises(Conflict) as refused:
        undo(world, given)
    assert refused.value.code == "slot_taken"
    assert stands(Visit.objects.get(id=given.id)) == stands(given)


def test_a_visit_that_was_called_off_is_left_alone(world) -> None:
    given = give(world, booked(world), world.ana)
    cancel_visit(given.id, reason="", expected_version=None, by=world.alice, now=NOW)
    with pytest.raises(Conflict) as refused:
        undo(world, given)
    assert refused.value.code == "nothing_to_undo"


def test_nobody_undoes_in_another_market(world) -> None:
    given = give(world, booked(world), world.ana)
    with pytest.raises(NotFound):
        undo(world, given, by=World("Boston").bob)


def test_what_can_be_undone_is_told_to_whose_hand_it_was(world) -> None:
    beth = Actor(world.user("beth", Role.DISPATCHER).id, Role.DISPATCHER, world.market.id)
    given = give(world, booked(world), world.ana)
    told = last_by_hand(world.bob)
    assert told is not None
    assert (told.visit, told.version, told.nurse_name) == (given.id, given.version, "ana")
    assert last_by_hand(beth) is None
    undo(world, given)
    assert last_by_hand(world.bob) is None
