"""A market's clinicians watch so many infusions at once; nothing is offered or taken beyond."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.holding import HELD_FOR
from dispatch.models import Reservation, Supervision, Visit
from dispatch.selectors.candidates import candidates_for
from dispatch.selectors.claims import claim_on
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.booking import request_visit
from dispatch.services.cancellation import cancel_visit
from tests.builders import KETAMINE, NOW, World, at
from tests.door import suppose_told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    for name in ("nina", "nora", "nell"):
        world.shift(world.nurse(name))
    return world


@pytest.fixture
def amos(world):
    return world.patient("amos")


def offered(world, patient, now=NOW):
    return {slot.start for slot in world.slots(world.home(patient), now=now)}


def ask(world, patient, start, end, now=NOW):
    return request_visit(
        location_id=world.home(patient).id, protocol_code=KETAMINE, start=start, end=end,
        companion_id=None, key=None, by=world.bob, now=now,
    )  # fmt: skip


def infusion(world):
    """From when until when after the start of service."""
    protocol = world.protocol()
    return [
        timedelta(seconds=at_s) for at_s in (protocol.infusion_from_s, protocol.infusion_until_s)
    ]


def apart(world):
    """By how much two windows must differ for their infusions never to meet."""
    begins, until = infusion(world)
    return until - begins + timedelta(seconds=world.protocol().booking.arrival_window_s)


def test_of_two_patients_with_one_clinician_for_one_the_second_comes_when_the_first_has_done(
    world, amos
):
    everything = offered(world, amos)
    world.supervise(1)
    assert offered(world, amos) == everything
    world.book(world.home(world.alice), world.alice, at(11))
    left = {start for start in everything if abs(start - at(11)) >= apart(world)}
    assert offered(world, amos) == left
    assert left
    assert left < everything


def test_a_second_clinician_makes_room_for_a_second_infusion(world, amos):
    world.supervise(1)
    world.book(world.home(world.alice), world.alice, at(11))
    world.supervise(1, at(8), at(15))
    assert at(11) in offered(world, amos)
    world.book(world.home(amos), amos, at(11))
    assert at(11) not in offered(world, world.patient("ann"))


def test_a_market_that_is_not_supervised_knows_no_limit(world, amos):
    world.book(world.home(world.alice), world.alice, at(11))
    assert at(11) in offered(world, amos)


def test_nobody_is_treated_while_no_clinician_is_on_duty(world):
    world.supervise(5, at(10), at(13))
    width = timedelta(seconds=world.protocol().booking.arrival_window_s)
    begins, until = infusion(world)
    found = offered(world, world.alice)
    assert found
    assert all(at(10) <= start + begins and start + width + until <= at(13) for start in found)


def test_another_market_is_no_concern(world, amos):
    other = World("Boston")
    other.supervise(1)
    world.book(world.home(world.alice), world.alice, at(11))
    assert at(11) in offered(world, amos)


def test_a_hold_counts_until_it_runs_out(world, amos):
    world.supervise(1)
    home = world.home(world.alice)
    (slot,) = (one for one in world.slots(home) if one.start == at(11))
    world.hold(slot, home, world.alice)
    assert at(11) not in offered(world, amos)
    assert at(11) in offered(world, amos, now=NOW + HELD_FOR)


def test_a_slot_that_was_offered_is_refused_when_the_attention_is_gone(world, amos):
    world.supervise(1)
    home = world.home(amos)
    (slot,) = (one for one in world.slots(home) if one.start == at(11))
    world.book(world.home(world.alice), world.alice, at(11, 30))
    with pytest.raises(Conflict) as refused:
        world.hold(slot, home, amos)
    assert refused.value.code == "slot_taken"
    assert Reservation.objects.count() == 1


def test_a_worker_promises_a_window_in_which_the_infusion_is_watched(world, amos):
    world.supervise(1)
    world.book(world.home(world.alice), world.alice, at(11))
    visit_id = ask(world, amos, at(9), at(15))
    assign_visit(visit_id, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    assert visit.status == "assigned"
    assert abs(visit.window_start - at(11)) >= apart(world)


def test_a_visit_that_waits_for_a_clinician_says_so_and_when_there_is_room(world, amos):
    world.supervise(1)
    world.book(world.home(world.alice), world.alice, at(11))
    visit = Visit.objects.get(id=ask(world, amos, at(11), at(11, 30)))
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert visit.unassigned_because == {"supervised": 3}
    found = candidates_for(visit, now=NOW)
    assert all(one.breaches[0].rule == "supervised" for one in found)
    assert found[0].breaches[0].sentence.startswith("No supervising clinician")
    (fix,) = found[0].fixes
    assert (fix.change, fix.amount) == ("start_at", int(at(9, 30).timestamp())), "the nearest start"


def test_what_was_promised_may_change_its_nurse_after_the_clinician_has_left(world, amos):
    world.supervise(2)
    visit_id = world.book(world.home(world.alice), world.alice, at(11))
    assign_visit(visit_id, now=NOW)
    Supervision.objects.update(ends_at=at(9))
    assert not offered(world, amos)
    others = candidates_for(Visit.objects.get(id=visit_id), now=NOW)
    taken = Reservation.objects.get().nurse_id
    other = next(one.nurse_id for one in others if one.nurse_id != taken)
    assert all(not one.breaches for one in others)
    assign_by_hand(visit_id, other, reason="", expected_version=None, by=world.bob, now=NOW)
    assert Reservation.objects.get().nurse_id == other


def test_a_cancelled_visit_gives_its_attention_back(world, amos):
    world.supervise(1)
    visit_id = world.book(world.home(world.alice), world.alice, at(11))
    cancel_visit(visit_id, reason="", expected_version=None, by=world.bob, now=NOW)
    assert at(11) in offered(world, amos)


@pytest.mark.parametrize(
    ("status", "since", "free"),
    [
        ("en_route", {}, at(12, 10)),
        ("in_treatment", {"infusion_started_at": at(11, 45)}, at(11, 45)),
        ("recovering", {"infusion_started_at": at(11), "infusion_ended_at": at(11, 50)}, None),
    ],
    ids=["on the way, two hours late", "begun late", "over"],
)
def test_what_has_begun_counts_by_its_own_times(world, amos, status, since, free):
    """It was promised for 10:00 to 10:30, and now it is 12:10."""
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    visit = Visit.objects.get(id=visit_id)
    suppose_told(visit, at(10), "depart", "arrive", "start-infusion", "end-infusion")
    for step in ("en_route", "arrived", "in_treatment", "recovering"):
        Visit.objects.filter(id=visit_id).update(status=step)
        if step == status:
            break
    Visit.objects.filter(id=visit_id).update(**since)
    world.supervise(1)
    home, protocol, now = world.home(amos), world.protocol(), at(12, 10)
    claim = claim_on(home, protocol, now, at(17), None, now=now)
    begins, until = infusion(world)
    over = None if free is None else int((free + until - begins).timestamp())
    assert claim.request.full == (() if over is None else ((int(now.timestamp()), over),))
