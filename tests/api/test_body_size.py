"""A body of more than 1 MiB is refused, whatever it holds, and no more than that is read."""

import io
import json

import pytest
from django.test.client import FakePayload

from dispatch.models import Companion
from tests.api.town import JSON, ROOT, assert_problem

MOST = 2**20
CARL = json.dumps({"name": "Carl", "phone": "2025550101"})


def of_size(size: int) -> str:
    return CARL.ljust(size)


def test_a_mebibyte_is_read_and_a_byte_more_is_a_413(patient) -> None:
    assert patient.ask("POST", "companions", text=of_size(MOST)).status_code == 201
    refused = patient.ask("POST", "companions", text=of_size(MOST + 1))
    assert_problem(refused, 413, "too_large")
    assert Companion.objects.count() == 1


@pytest.mark.parametrize("size", [2 * MOST, 3 * MOST, 10 * MOST])
def test_much_more_is_refused_alike_under_a_key_and_without(patient, size) -> None:
    for headers in ({}, {"Idempotency_Key": "a key"}):
        refused = patient.ask("POST", "companions", text=of_size(size), **headers)
        assert_problem(refused, 413, "too_large")
    assert not Companion.objects.exists()


def test_a_body_that_is_announced_as_too_large_is_not_read(patient) -> None:
    closed = io.BytesIO()
    closed.close()
    announced = {"wsgi.input": closed, "CONTENT_LENGTH": str(MOST + 1), "CONTENT_TYPE": JSON}
    assert_problem(patient.post(ROOT + "companions", **announced), 413, "too_large")


def test_of_a_body_no_more_is_read_than_is_announced(patient) -> None:
    sent = FakePayload(of_size(5 * MOST).encode())
    announced = {"wsgi.input": sent, "CONTENT_LENGTH": str(len(CARL)), "CONTENT_TYPE": JSON}
    assert patient.post(ROOT + "companions", **announced).status_code == 201
    assert len(sent.read()) == 5 * MOST - len(CARL)
