"""The canaries sing: a marked value is planted in each place where none may be, and is found."""

from __future__ import annotations

import base64
import json
import logging

import pytest
from celery import Celery
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from dispatch.domain.channels import Outgoing
from dispatch.gateways.local_outbox import LocalTexts
from tests.builders import NOW, PHONE, World, at
from tests.canaries import (
    MARK,
    expected,
    is_marked,
    middleware,
    see_broker,
    see_logs,
    see_tables,
)


def test_a_mark_is_found_in_the_clear_and_in_a_tasks_body() -> None:
    assert is_marked(f"… {MARK.lower()} …")
    assert is_marked(f"call {PHONE}")
    for offset in range(3):
        body = base64.b64encode(b"x" * offset + json.dumps([[MARK], {}]).encode())
        assert is_marked(b'{"body": "' + body + b'"}')
    assert not is_marked("nobody at 1 Main Street, +12025550199")


def test_one_in_a_log_is_found() -> None:
    with expected() as found:
        logging.getLogger("dispatch.anything").warning("sent", extra={"to": PHONE})
        logging.getLogger("dispatch.other").error("not its sentence", exc_info=ValueError(MARK))
    assert found == ["log of dispatch.anything"]


def test_one_in_a_launched_process_s_log_is_found(tmp_path) -> None:
    (tmp_path / "0-python.log").write_text(json.dumps({"event": f"hello {MARK}"}))
    with expected() as found:
        see_logs(tmp_path)
    assert found == ["log of 0-python.log"]


def test_one_in_a_task_and_in_the_broker_is_found(broker_url) -> None:
    with expected() as found:
        Celery(broker=broker_url).send_task("send", [PHONE])
        see_broker(broker_url)
    Celery(broker=broker_url).control.purge()
    assert found == ["task", "broker, b'celery'"]


def test_one_in_an_address_and_in_a_refusal_is_found(db) -> None:
    with expected() as found:
        Browser().get(f"/nowhere/{MARK}")
    assert found == ["address of a request"]


@pytest.mark.parametrize(("path", "status"), [("/api/v1/me", 403), ("/metrics", 200)])
def test_one_in_what_a_refusal_or_a_metric_tells_is_found(path, status) -> None:
    with expected() as found:
        middleware(lambda _: HttpResponse(MARK, status=status))(RequestFactory().get(path))
        middleware(lambda _: HttpResponse(MARK, status=200))(RequestFactory().get("/api/v1/me"))
    assert found == [f"{status} of {path}"]


PLANTED = {
    "outbox_event": "UPDATE outbox_event SET payload = jsonb_build_object('name', %s::text)",
    "audit_entry": "INSERT INTO audit_entry (id, market_id, at, role, verb, operation, subject,"
    " mac) SELECT gen_random_uuid(), id, now(), '', 'read', %s, '', '' FROM market",
    "patient": "UPDATE patient SET name = %s",
}


@pytest.mark.parametrize("table", PLANTED)
def test_one_in_the_clear_in_a_table_is_found(db, table) -> None:
    world = World()
    world.shift(world.nurse("nina"))
    world.book(world.home(world.alice), world.alice, at(10))
    with transaction.atomic(), connection.cursor() as cursor, expected() as found:
        cursor.execute(PLANTED[table], [MARK])
        see_tables()
        transaction.set_rollback(True)
    assert found == [f"table {table}"]


def test_one_in_the_words_of_a_message_is_found(db) -> None:
    outgoing = Outgoing("k", PHONE, f"For {MARK}", "Hello.", None, None, NOW)
    with transaction.atomic(), expected() as found:
        LocalTexts().send(outgoing)
        see_tables()
        transaction.set_rollback(True)
    assert found == ["words of a LocalMessage"]
