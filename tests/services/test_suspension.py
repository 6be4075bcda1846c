"""A clearance that is lost suspends what was to come, and given again it resumes it."""

from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.series import Wish
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Action
from dispatch.models import Assignment, Message, Reservation, Task, Visit
from dispatch.selectors.day_route import route_on
from dispatch.services.booking import book_hold, request_visit
from dispatch.services.screening import clear_screening, keep_answers, record_screening
from dispatch.services.series import hold_series
from tests import door
from tests.answers import CLEARED
from tests.api.town import Town
from tests.builders import KETAMINE, NOW, TOMORROW, at
from tests.readying import make_ready, sign_papers
from workers import work

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def town() -> Town:
    town = Town()
    sign_papers(town.world)
    return town


def say(town: Town, now=NOW, **answers):
    kept = keep_answers(
        patient_id=None, protocol_code=KETAMINE, answers=answers, by=town.alice, now=now
    )
    work.deliver_events()
    return kept


def status(visit_id) -> str:
    return Visit.objects.get(id=visit_id).status


def open_task(visit_id) -> Task | None:
    tasks = Task.objects.filter(kind=TaskKind.VISIT_SUSPENDED.value, done_at__isnull=True)
    return tasks.filter(visit_id=visit_id).first()


def test_what_is_to_come_is_suspended_and_the_nurse_is_free(town) -> None:
    assert route_on(town.nina.person_id, TOMORROW, now=NOW).stops or town.assigned
    asked = request_visit(
        location_id=town.home.id, protocol_code=KETAMINE, start=at(9, day=TOMORROW + 3 * DAY),
        end=at(17, day=TOMORROW + 3 * DAY), companion_id=None, key=None, by=town.bob, now=NOW,
    )  # fmt: skip
    say(town, pregnant="yes")
    assert {status(town.visit), status(asked)} == {"suspended"}
    assert route_on(town.nina.person_id, TOMORROW, now=NOW).stops == ()
    assert not Reservation.objects.exists()
    assert not Assignment.objects.filter(until__isnull=True).exists()
    task = open_task(town.visit)
    assert task is not None
    assert task.role == "dispatcher"
    assert "pregnan" not in task.reason


def test_no_message_of_a_suspended_visit_goes_out_and_all_do_once_it_is_resumed(town) -> None:
    assert town.assigned
    work.deliver_events()
    say(town, pregnant="yes")
    work.send_messages()
    sent = Message.objects.filter(state="sent").values_list("kind", flat=True)
    assert set(sent) == {"suspended"}
    say(town, pregnant="no")
    work.do_all()
    assert status(town.visit) == "assigned"
    assert "confirmation" in set(
        Message.objects.filter(state="sent").values_list("kind", flat=True)
    )


def test_cleared_again_it_is_resumed_and_the_task_is_done(town) -> None:
    assert town.assigned
    kept = say(town, blood_pressure="unknown")
    assert status(town.visit) == "suspended"
    clear_screening(kept.screening_id, by=town.dora, now=NOW)
    work.deliver_events()
    visit = Visit.objects.get(id=town.visit)
    assert visit.status == "requested"
    assert visit.assign_due_at is not None
    assert open_task(town.visit) is None


def test_a_window_gone_by_is_not_resumed(town) -> None:
    assert town.assigned
    say(town, pregnant="yes")
    town.set_clock(at(11))
    say(town, at(11), pregnant="no")
    assert status(town.visit) == "suspended"
    assert open_task(town.visit) is not None


def test_the_events_may_come_twice_and_in_any_order(town) -> None:
    from dispatch.services.suspension import resume_visits, suspend_visits

    assert town.assigned
    patient = town.alice.person_id
    resume_visits(patient, now=NOW)
    suspend_visits(patient, now=NOW)
    assert status(town.visit) == "assigned", "nothing was lost"
    say(town, pregnant="yes")
    suspend_visits(patient, now=NOW)
    resume_visits(patient, now=NOW)
    assert status(town.visit) == "suspended"
    assert Task.objects.filter(kind=TaskKind.VISIT_SUSPENDED.value).count() == 1


@pytest.mark.parametrize(
    ("answer", "then"),
    [({"pregnant": "yes"}, "suspended"), ({"blood_pressure": "unknown"}, "assigned")],
)
def test_whoever_was_never_cleared_is_suspended_once_refused(answer, then) -> None:
    """What a clinician has still to look at keeps its time; the gate is closed."""
    town = Town()
    assert town.assigned
    record_screening(
        patient_id=None, protocol_code=KETAMINE, by=town.alice, now=NOW, answers=CLEARED | answer
    )
    work.deliver_events()
    assert status(town.visit) == then


def test_a_visit_under_way_goes_on_but_not_to_the_infusion(town) -> None:
    assert town.assigned
    make_ready(town.world, town.visit)
    for action in (Action.DEPART, Action.ARRIVE):
        step(town, action)
    town.set_clock(at(10))
    say(town, at(10), pregnant="yes")
    assert status(town.visit) == "arrived"
    task = open_task(town.visit)
    assert task is not None
    assert "under way" in task.reason
    with pytest.raises(Conflict) as refused:
        step(town, Action.START_INFUSION)
    assert [gate["name"] for gate in refused.value.facts["gates"]] == ["clearance"]


def step(town: Town, action: Action) -> None:
    door.step(town.visit, action, town.nina, at(10))


def test_no_door_books_whoever_is_not_cleared(town) -> None:
    hold, body = town.hold, town.weekly
    say(town, pregnant="yes")
    (slot, *_) = town.world.slots(town.home)
    doors = {
        "hold": lambda: town.world.hold(slot, town.home, town.alice),
        "book": lambda: book_hold(hold, companion_id=None, key=None, by=town.alice, now=NOW),
        "request": lambda: request_visit(
            location_id=town.home.id, protocol_code=KETAMINE, start=at(9), end=at(17),
            companion_id=None, key=None, by=town.alice, now=NOW,
        ),
    }  # fmt: skip
    for name, booking in doors.items():
        with pytest.raises(Conflict) as refused:
            booking()
        assert refused.value.code == "not_cleared", name
        assert refused.value.facts == {"reasons": ["pregnant"]}, name
    with pytest.raises(Conflict) as refused:
        town.world.hold(slot, town.home, town.bob)
    assert refused.value.facts == {}, "staff are not told for which reason"

    record_screening(
        patient_id=None, protocol_code=body["protocol"], by=town.alice, now=NOW,
        answers=CLEARED | {"pregnant": "yes"},
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        hold_series(
            location_id=town.home.id, protocol_code=body["protocol"], wish=Wish(),
            by=town.alice, now=NOW,
        )  # fmt: skip
    assert refused.value.code == "not_cleared"
