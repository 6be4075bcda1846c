"""Until a window is promised, who can, who cannot and who is assigned are one answer."""

from datetime import timedelta

import pytest

from dispatch.models import Visit
from dispatch.planning import rules
from dispatch.selectors.candidates import SENTENCES, candidates_for
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.booking import request_visit
from tests.builders import BETHESDA, KETAMINE, NOW, World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def ask(world, start, end, now=NOW, code=KETAMINE) -> Visit:
    visit_id = request_visit(
        location_id=world.home(world.alice).id,
        protocol_code=code,
        start=start,
        end=end,
        companion_id=None,
        key=None,
        by=world.bob,
        now=now,
    )
    return Visit.objects.get(id=visit_id)


def rules_of(one) -> list[str]:
    return [breach.rule for breach in one.breaches]


def test_every_rule_has_its_sentence() -> None:
    assert set(SENTENCES) == set(rules.ORDER)


def test_a_window_after_the_bookable_hours_is_refused_by_name_and_mended(world) -> None:
    """The last start is before 18:00; a nurse who works till midnight is of no help."""
    world.shift(world.nurse("nina"), ends=23)
    last = world.protocol().booking.last_start
    begins = at(last.hour, last.minute)
    visit = ask(world, begins + timedelta(minutes=10), begins + timedelta(minutes=50))
    (one,) = candidates_for(visit, now=NOW)
    assert (rules_of(one), one.start) == (["bookable_hours"], None)
    assert [(fix.change, fix.amount) for fix in one.fixes] == [
        ("start_at", int(begins.timestamp()))
    ]
    assert one.breaches[0].sentence.endswith("the nearest is 10 min off.")
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert (visit.status, visit.unassigned_because) == ("requested", {"bookable_hours": 1})


def test_a_certificate_that_ends_in_the_afternoon_leaves_the_morning(world) -> None:
    nina = world.nurse("nina", certificates_until=at(13))
    world.shift(nina)
    visit = ask(world, at(8), at(18))
    (one,) = candidates_for(visit, now=NOW)
    assert (one.nurse_id, one.breaches, one.fixes) == (nina.person_id, (), ())
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert (visit.status, visit.reservation.start_at) == ("assigned", one.start)


def test_another_visit_of_the_patient_takes_its_own_hours_only(world) -> None:
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    visit = ask(world, at(8), at(18), code="ketamine_weekly_then_monthly")
    (one,) = candidates_for(visit, now=NOW)
    assert one.breaches == ()
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert (visit.status, visit.reservation.start_at) == ("assigned", one.start)
    assert one.start >= at(12, 40)
    narrow = ask(world, at(9), at(11), code="hydration_drip")
    assert rules_of(candidates_for(narrow, now=NOW)[0])[0] == "patient_is_free"


def test_the_first_of_the_candidates_is_whom_a_worker_takes(world) -> None:
    for name, point in (("fay", BETHESDA), ("nell", (38.91, -77.04)), ("mary", (38.9, -77.0))):
        world.shift(world.nurse(name, point, states=("MD",) if name == "mary" else ("DC",)))
    visit = ask(world, at(8), at(18))
    first, second, third = candidates_for(visit, now=NOW)
    assert (rules_of(first), rules_of(second), rules_of(third)) == ([], [], ["licensed_in_state"])
    assert first.detour_s < second.detour_s
    assign_visit(visit.id, now=NOW)
    visit.refresh_from_db()
    assert visit.reservation.nurse_id == first.nurse_id
    assert visit.reservation.start_at == first.start


def test_by_hand_goes_whoever_is_shown_as_able(world) -> None:
    fay = world.nurse("fay", BETHESDA, certificates_until=at(14))
    world.shift(fay)
    world.shift(world.nurse("nell"))
    visit = ask(world, at(8), at(18))
    shown = {one.nurse_id: one for one in candidates_for(visit, now=NOW)}
    assert shown[fay.person_id].breaches == ()
    assign_by_hand(visit.id, fay.person_id, reason="", expected_version=None, by=world.bob, now=NOW)
    visit.refresh_from_db()
    assert visit.reservation.start_at == shown[fay.person_id].start


def test_a_promised_window_is_judged_as_a_whole(world) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    visit = Visit.objects.get(id=visit_id)
    (one,) = candidates_for(visit, now=NOW)
    assert (one.breaches, one.start) == ((), at(10))
