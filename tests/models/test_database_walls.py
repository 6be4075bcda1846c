"""What PostgreSQL itself refuses under the application's role, whatever the code above it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from dispatch.domain.field_events import EventType
from dispatch.domain.visit import ON_ROUTE, TRANSITIONS, Status
from dispatch.models import FieldEvent, Reservation, Visit, VisitTransition
from dispatch.services.assignment import assign_visit
from tests.builders import NOW, World, at
from tests.door import suppose_told

pytestmark = pytest.mark.django_db

ALLOWED = {(before.value, after.value) for (before, _), after in TRANSITIONS.items()}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world) -> Visit:
    world.shift(world.nurse("nina"))
    return Visit.objects.get(id=world.book(world.home(world.alice), world.alice, at(10)))


def run(statement, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_copy_of_the_state_table_is_the_table() -> None:
    rows = VisitTransition.objects.values_list("from_status", "action", "to_status")
    assert set(rows) == {(b.value, a.value, after.value) for (b, a), after in TRANSITIONS.items()}


@pytest.mark.parametrize("before", list(Status))
def test_raw_sql_changes_a_status_only_along_the_table(visit, before) -> None:
    """Reach each status along the table, then try all eleven from there."""
    suppose_told(visit, NOW, *EventType)
    for step in path_to(before):
        set_status(visit, step)
    for after in Status:
        allowed = after is before or (before.value, after.value) in ALLOWED
        assert goes_through(visit, after) is allowed, f"{before} → {after}"


def goes_through(visit: Visit, after: Status) -> bool:
    try:
        with transaction.atomic():
            set_status(visit, after)
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


def path_to(status: Status) -> list[Status]:
    """The shortest way from ``requested``, searched in the table itself."""
    paths = [[Status.REQUESTED]]
    for path in paths:
        if path[-1] is status:
            return path[1:]
        paths += [
            [*path, after]
            for (before, _), after in TRANSITIONS.items()
            if before is path[-1] and after not in path
        ]
    raise AssertionError(f"{status} cannot be reached")


def set_status(visit: Visit, status: Status) -> None:
    """Raw SQL that keeps the other walls: what is not on a route holds no time."""
    keeps = status in ON_ROUTE or status is Status.REQUESTED
    run(
        "UPDATE visit SET status = %s, reservation_id = CASE WHEN %s THEN %s::uuid END"
        " WHERE id = %s",
        status.value, keeps, visit.reservation_id, visit.id,
    )  # fmt: skip


NEEDS = {
    "en_route": ["depart"], "arrived": ["arrive"], "in_treatment": ["start-infusion"],
    "recovering": ["end-infusion"], "completed": ["complete"], "no_show": ["no-show"],
    "aborted": ["abort", "no-show"],
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), [(s, k) for s, kinds in NEEDS.items() for k in kinds])
def test_raw_sql_gives_no_visit_a_status_that_nobody_told(visit, status, kind) -> None:
    """With every event but those that it needs, none; with one of them, it is let through."""
    *before, last = path_to(Status(status))
    suppose_told(visit, NOW, *({one.value for one in EventType} - set(NEEDS[status])))
    for step in before:
        set_status(visit, step)
    with pytest.raises(IntegrityError, match="nobody has told"):
        set_status(visit, last)
    FieldEvent.objects.create(
        market=visit.market, visit=visit, type=kind, device_time=NOW, received_at=NOW,
        recorded_by=visit.booked_by, data="{}",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="nobody has told"):
        set_status(visit, last)
    suppose_told(visit, NOW, kind)
    set_status(visit, last)


def test_what_was_told_of_another_visit_leads_nowhere(world, visit) -> None:
    amy = world.patient("amy")
    other = Visit.objects.get(id=world.book(world.home(amy), amy, at(14)))
    suppose_told(other, NOW, "depart")
    set_status(visit, Status.ASSIGNED)
    with pytest.raises(IntegrityError, match="nobody has told"):
        set_status(visit, Status.EN_ROUTE)


def test_a_visit_cannot_begin_in_the_middle(visit) -> None:
    columns = [field.column for field in Visit._meta.fields if field.column not in {"id", "status"}]
    names = ", ".join(columns)
    with pytest.raises(IntegrityError, match="begins as requested"):
        run(
            f"INSERT INTO visit (id, status, {names})"  # noqa: S608
            f" SELECT gen_random_uuid(), 'completed', {names} FROM visit"
        )


@pytest.mark.parametrize(
    "cheat",
    [
        "DELETE FROM visit",
        "TRUNCATE visit CASCADE",
        "INSERT INTO visit_transition VALUES (gen_random_uuid(), 'requested', 'x', 'completed')",
        "UPDATE visit_transition SET to_status = 'completed'",
        "DELETE FROM visit_transition",
        "ALTER TABLE visit DISABLE TRIGGER visit_status",
        "DROP TRIGGER visit_status ON visit",
        "ALTER TABLE reservation DROP CONSTRAINT nurse_in_one_place",
        "SET session_replication_role = replica",
        "DROP FUNCTION refuse_wrong_status()",
        "UPDATE audit_entry SET verb = 'nothing'",
        "DELETE FROM audit_entry",
        "UPDATE visit_verification SET ended_at = ended_at + interval '1 hour'",
        "DELETE FROM visit_verification",
        "TRUNCATE visit_verification CASCADE",
        "UPDATE verification_correction SET reason = 'wrong_entry'",
        "DELETE FROM verification_correction",
        "UPDATE field_event SET type = 'complete'",
        "DELETE FROM field_event",
        "TRUNCATE field_event CASCADE",
        "ALTER TABLE visit DISABLE TRIGGER visit_told",
        "DROP FUNCTION refuse_untold_status()",
        "SET ROLE dispatch_owner",
        "UPDATE response SET phase = 'x'",
        "DELETE FROM response",
        "UPDATE score SET instrument = 'gad7'",
        "DELETE FROM score",
        "DELETE FROM clinical_order",
        "ALTER TABLE clinical_order DISABLE TRIGGER order_guard",
    ],
)
def test_the_applications_role_cannot_take_a_wall_down(visit, cheat) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        run(cheat)


def test_a_temporary_table_of_the_same_name_deceives_no_trigger(visit) -> None:
    """Where the session may not even make one, it is refused for that."""
    with pytest.raises(DatabaseError, match=r"no action leads|permission denied"), deceived():
        set_status(visit, Status.COMPLETED)


@contextmanager
def deceived() -> Iterator[None]:
    run("CREATE TEMP TABLE visit_transition (from_status text, to_status text) ON COMMIT DROP")
    run("INSERT INTO visit_transition VALUES ('requested', 'completed')")
    yield


def test_a_visit_on_a_route_has_a_nurse_and_times(visit) -> None:
    assign_visit(visit.id, now=NOW)
    with pytest.raises(IntegrityError, match="on_route_has_nurse_and_times"):
        run("UPDATE visit SET reservation_id = NULL WHERE id = %s", visit.id)


def test_a_cancelled_visit_keeps_nobodys_time(visit) -> None:
    with pytest.raises(IntegrityError, match="released_occupies_nobody"):
        run("UPDATE visit SET status = 'cancelled' WHERE id = %s", visit.id)


def test_a_reservation_in_use_cannot_be_deleted(visit) -> None:
    with pytest.raises(IntegrityError, match="foreign key"):
        run("DELETE FROM reservation")


def copy_reservation(visit: Visit, **changes) -> None:
    held = Reservation.objects.get(id=visit.reservation_id)
    for name, value in changes.items():
        setattr(held, name, value)
    held.pk = None
    with transaction.atomic():
        held.save(force_insert=True)
        connection.check_constraints()


def test_a_nurse_is_not_in_two_places_travel_included(world, visit) -> None:
    held = visit.reservation
    drive = timedelta(minutes=15)
    later = held.end_at + drive - held.start_at
    moved = {
        name: getattr(held, name) + later
        for name in ("start_at", "infusion_from", "infusion_until", "end_at")
    } | {"patient_id": world.patient("amos").person_id}
    with pytest.raises(IntegrityError, match="nurse_in_one_place"):
        copy_reservation(visit, leave_at=held.end_at - timedelta(seconds=1), **moved)
    copy_reservation(visit, leave_at=held.end_at, **moved)


def test_a_patient_is_not_in_two_visits(world, visit) -> None:
    other = world.nurse("nora").person_id
    with pytest.raises(IntegrityError, match="patient_in_one_visit"):
        copy_reservation(visit, nurse_id=other)


def test_only_a_demo_markets_clock_moves(world) -> None:
    run("UPDATE market SET clock_offset = interval '1 day' WHERE id = %s", world.market.id)
    with pytest.raises(IntegrityError, match="only_demo_clocks_move"):
        run("UPDATE market SET is_demo = false WHERE id = %s", world.market.id)


def test_one_key_is_one_visit_of_a_patient(visit) -> None:
    columns = [f.column for f in Visit._meta.fields if f.column not in {"id", "reservation_id"}]
    names = ", ".join(columns)
    run("UPDATE visit SET idempotency_key = 'k' WHERE id = %s", visit.id)
    with pytest.raises(IntegrityError, match="one_visit_a_key"):
        run(
            f"INSERT INTO visit (id, {names})"  # noqa: S608
            f" SELECT gen_random_uuid(), {names} FROM visit"
        )


def test_personal_fields_are_not_readable_in_the_database(world) -> None:
    world.alice  # noqa: B018 - made on first use
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM patient")
        (name, phone) = cursor.fetchone()
    assert "alice" not in name
    assert "555" not in phone
