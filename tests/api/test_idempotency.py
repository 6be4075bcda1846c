"""A request that is sent again under its key gets what it got, and nothing is written twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from dispatch.models import Companion, IdempotencyRecord, Visit
from tests.api.town import Town, asked, assert_problem
from tests.builders import at

CARL = {"name": "Carl", "phone": "2025550101"}
KEY = {"Idempotency_Key": "a key"}


def test_the_same_request_gets_the_same_answer_and_one_row(town, patient) -> None:
    body = asked((at(8), at(18)), town.home)
    first, second = (patient.post_("visits", body, **KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Visit.objects.count() == 1


def test_a_hold_taken_again_under_its_key_is_the_same_hold(town, patient) -> None:
    first, second = (patient.post_("holds", {"slot": town.slot}, **KEY) for _ in range(2))
    assert first.json() == second.json()
    assert_problem(patient.post_("holds", {"slot": town.slot}), 409, "slot_taken")


def test_a_key_of_another_request_is_refused(patient) -> None:
    assert patient.post_("companions", CARL, **KEY).status_code == 201
    other = CARL | {"name": "Cora"}
    assert_problem(patient.post_("companions", other, **KEY), 422, "key_reused")
    assert_problem(patient.post_("locations", CARL, **KEY), 422, "key_reused")
    assert Companion.objects.count() == 1


def test_keys_of_two_people_are_two_keys(town, patient) -> None:
    for client in (patient, town.as_(town.world.patient("mallory"))):
        assert client.post_("companions", CARL, **KEY).status_code == 201
    assert Companion.objects.count() == 2


def test_two_people_booking_for_one_patient_do_not_share_a_key(town, patient, dispatcher) -> None:
    """A visit keeps its key for good: the second is refused in words, not by the database."""
    assert patient.post_("visits", asked((at(8), at(18)), town.home), **KEY).status_code == 201
    again = dispatcher.post_("visits", asked((at(8), at(18)), town.home), **KEY)
    assert_problem(again, 422, "key_reused")
    held = dispatcher.post_("visits", {"hold": str(town.hold)}, **KEY)
    assert_problem(held, 422, "key_reused")
    assert Visit.objects.count() == 1


def test_a_refusal_is_not_kept(town, patient) -> None:
    """What was wrong may be put right under the same key."""
    assert_problem(patient.post_("companions", CARL | {"phone": "x"}, **KEY), 400)
    unknown = asked((at(8), at(18)), town.home) | {"companion": str(uuid4())}
    assert_problem(patient.post_("visits", unknown, **KEY), 404)
    assert not IdempotencyRecord.objects.exists()
    assert patient.post_("companions", CARL, **KEY).status_code == 201


def test_a_key_is_forgotten_after_a_day(patient) -> None:
    patient.post_("companions", CARL, **KEY)
    record = IdempotencyRecord.objects.get()
    record.created_at -= timedelta(hours=25)
    record.save(update_fields=["created_at"])
    patient.post_("companions", CARL, **KEY)
    assert Companion.objects.count() == 2


def test_the_kept_answer_is_encrypted(patient) -> None:
    from django.db import connection

    patient.post_("companions", CARL, **KEY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM idempotency_record")
        assert "Carl" not in cursor.fetchone()[0]


@pytest.mark.usefixtures("fresh_database")
def test_of_fifty_at_once_under_one_key_one_is_written() -> None:
    town = Town()
    client, start = town.as_(town.alice), Barrier(50, timeout=30)
    answers = at_once(
        50, lambda: (start.wait(), client_like(client).post_("companions", CARL, **KEY))[1]
    )
    codes = sorted({answer.status_code for answer in answers})
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert Companion.objects.count() == IdempotencyRecord.objects.count() == 1
    assert {a.json()["id"] for a in answers if a.status_code == 201} == {
        str(Companion.objects.get().id)
    }
    for refused in (answer for answer in answers if answer.status_code == 409):
        assert_problem(refused, 409, "in_flight")


@pytest.mark.usefixtures("fresh_database")
def test_without_keys_ten_at_once_are_ten() -> None:
    """The control: it is the key that holds the others back."""
    client = (town := Town()).as_(town.alice)
    at_once(10, lambda: client_like(client).post_("companions", CARL))
    assert Companion.objects.count() == 10


@pytest.mark.usefixtures("fresh_database")
def test_a_key_whose_first_request_is_under_way_is_refused() -> None:
    from django.db import transaction

    from api.idempotency import _enter

    town = Town()
    client = town.as_(town.alice)
    with transaction.atomic():
        _enter(town.alice.user_id, "a key")
        (refused,) = at_once(1, lambda: client_like(client).post_("companions", CARL, **KEY))
    assert_problem(refused, 409, "in_flight")
    assert client.post_("companions", CARL, **KEY).status_code == 201


def client_like(client):
    """A client of its own for each thread, signed in alike."""
    from tests.api.town import Client

    other = Client()
    other.force_authenticate(client.handler._force_user)
    return other


def at_once(count: int, ask) -> list:
    from django.db import connection

    def once(_: int):
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(once, range(count)))
