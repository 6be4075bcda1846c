"""Bodies that cannot be accepted: every field of every writing operation, by the table."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from api.urls import urlpatterns
from tests.api.operations import (
    ALL_OPTIONAL,
    CALLED_OFF,
    OPERATIONS,
    REASON,
    STEP,
    Operation,
)
from tests.api.town import Client, Town, digest_of_all_rows, fault_of
from tests.api.wrong_values import KINDS
from tests.builders import at


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    names = [f"{one.name} by {one.role}" for one in operations]
    return pytest.mark.parametrize("operation", operations, ids=names)


SIGNED = {"POST TextHook", "POST EmailHook"}
"""Doors that read nothing before the provider's signature: see test_hooks."""
BY_NAME = each(OPERATIONS)
WITH_A_BODY = each([one for one in OPERATIONS if one.fields])
NO_OBJECTS = ["null", "7", '"text"', "[]", "[[]]", "true"]
NO_JSON = ["", "{", "[1,", "{'a': 1}", "\x00", '{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}',
           '{"a": ' + "9" * 5000 + "}"]  # fmt: skip
DEEP = ["[" * 1000 + "]" * 1000, '{"a":' * 1000 + "1" + "}" * 1000, "[" * 100_000,
        '{"reason":' + "[" * 900 + "]" * 900 + "}"]  # fmt: skip
NO_KEYS = ["", "x" * 256, "a\tb", "\x7f"]
NO_TAGS = ["", "x", '"-1"', '"1.5"', "W/", '""', '"1", "2"', '"1-x"']


def test_every_writing_operation_is_in_the_table() -> None:
    written = {
        f"{method.upper()} {one.callback.cls.__name__}"
        for one in urlpatterns
        for method in ("post", "put", "patch", "delete")
        if hasattr(one.callback.cls, method)
    }
    assert written == {one.name for one in OPERATIONS} | SIGNED


@BY_NAME
def test_the_bodies_of_the_table_are_accepted(town: Town, operation: Operation) -> None:
    """The control: what the other tests spoil was good before."""
    if operation.door == "VisitStep":
        assert town.ready
        town.set_clock(at(8))
    assert said(town, operation, operation.body(town)).status_code < 300


@BY_NAME
def test_a_field_of_the_wrong_kind_is_named_and_nothing_is_written(
    town: Town, operation: Operation
) -> None:
    good = operation.body(town)
    spoilt = [
        (name, value, with_value(good, name, value))
        for name, kind in operation.fields.items()
        for value in KINDS[kind]
    ]
    spoilt += [(name, "(left out)", without(good, name)) for name in operation.needed]
    assert_each_refused(town, operation, spoilt)


@WITH_A_BODY
def test_a_body_that_is_no_object_is_refused(town: Town, operation: Operation) -> None:
    texts = [*NO_OBJECTS, *NO_JSON, *DEEP]
    if operation.fields in (REASON, CALLED_OFF, STEP, ALL_OPTIONAL):
        texts.remove("")  # every field may be left out, and the body with it
    if operation.door == "VisitEvents":
        texts.append("{}")
    assert_each_refused(town, operation, [(None, text, text) for text in texts])


@WITH_A_BODY
def test_another_content_type_is_refused(town: Town, operation: Operation) -> None:
    path, body, client = operation.path(town), operation.body(town), client_of(town, operation)
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x",
                 "application/x-www-form-urlencoded", "application/octet-stream"):  # fmt: skip
        fault = fault_of(client.ask(operation.method, path, body, content_type=kind), status=415)
        assert fault is None, (kind, fault)


@BY_NAME
def test_a_key_or_a_tag_that_cannot_be_read_is_refused(town: Town, operation: Operation) -> None:
    headers: list[tuple[str, str]] = []
    if "Idempotency" in docs_of(operation):
        headers += [("Idempotency-Key", value) for value in NO_KEYS]
    if "If-Match" in docs_of(operation):
        headers += [("If-Match", value) for value in NO_TAGS]
    path, body, client = operation.path(town), operation.body(town), client_of(town, operation)
    before, faults = digest_of_all_rows(), []
    for header, value in headers:
        fault = fault_of(
            client.ask(operation.method, path, body, **{header: value}), field=header, status=400
        )
        faults += [f"{header}: {value[:40]!r} {fault}"] if fault else []
    assert not faults, "\n".join(faults)
    assert digest_of_all_rows() == before


def docs_of(operation: Operation) -> str:
    """Which of two headers it reads: the key where it creates, the tag where it changes."""
    if operation.method == "POST" and operation.door in {
        "Locations", "Companions", "Screenings", "ScreeningAnswers", "ScreeningClearance",
        "ScreeningMedication", "ProtocolVersions", "ProtocolSignOff", "Orders",
        "OrderConfirmation", "OrderWithdrawal", "Consents",
        "Holds", "Visits", "Plans", "Absences", "Repairs", "SeriesHold", "SeriesBook", "Vials",
        "VialDiscrepancy", "ConsentWithdrawal", "VisitOverride", "VisitReadiness", "VisitCoverage",
        "MyKit", "VerificationCorrections", "Consults", "SharingConsents",
        "SeriesResponses", "Responses", "Scores", "Webhooks", "WebhookSecret", "WebhookTest",
        "WebhookReplay", "DeliveryReplay",
    }:  # fmt: skip
        return "Idempotency"
    changes = {"VisitCancel", "VisitReschedule", "VisitCompanion", "VisitAssign", "VisitStep"}
    return "If-Match" if operation.door in changes else ""


def assert_each_refused(
    town: Town, operation: Operation, spoilt: list[tuple[str | None, Any, Any]]
) -> None:
    path, client = operation.path(town), client_of(town, operation)
    before, faults = digest_of_all_rows(), []
    for name, value, body in spoilt:
        sent = {"text": body} if isinstance(body, str) else {"body": body}
        with transaction.atomic():
            answer = client.ask(operation.method, path, **sent)
        fault = fault_of(answer, field=name and name.partition(".")[0])
        after = digest_of_all_rows()
        if fault is None and after != before:
            fault = "was refused, but wrote"
        before = after
        faults += [f"{name} = {value!r:.60} {fault}"] if fault else []
    assert not faults, "\n".join(faults)


def said(town: Town, operation: Operation, body: Any, **more: Any) -> Any:
    client = client_of(town, operation)
    return client.ask(operation.method, operation.path(town), body, **more)


def client_of(town: Town, operation: Operation) -> Client:
    client = town.as_(getattr(town, operation.role))
    client.raise_request_exception = False
    return client


def with_value(good: dict[str, Any] | None, name: str, value: Any) -> dict[str, Any]:
    spoilt = deepcopy(good or {})
    *outer, last = name.split(".")
    within(spoilt, outer)[last] = value
    return spoilt


def without(good: dict[str, Any] | None, name: str) -> dict[str, Any]:
    spoilt = with_value(good, name, None)
    *outer, last = name.split(".")
    del within(spoilt, outer)[last]
    return spoilt


def within(body: Any, path: list[str]) -> Any:
    """Go down to a part of a body, by the names of fields and, as in ``[0]``, the numbers of
    entries."""
    for part in path:
        body = body[int(part.strip("[]"))] if isinstance(body, list) else body[part]
    return body
