"""Every operation is asked once in the tests' town: its answer, and its example, are as documented.

With RECORD=1 the exchanges become the examples. Ids, instants and secrets are put in a form that is
the same each time.
"""

from __future__ import annotations

import json
import os
import re
from itertools import count
from typing import Any

import pytest

from api.examples import RECORDED, examples_of
from tests.api.agreeing import document, fault_of_value, operation_at, operations
from tests.api.operations import OPERATIONS
from tests.api.reads import READS, Read, path_of
from tests.api.story import Story
from tests.api.town import ROOT, STEPS, Town
from tests.builders import STREET, at
from tests.canaries import MARK

RECORDING = "RECORD" in os.environ
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FRACTION = re.compile(r"(T\d\d:\d\d:\d\d)\.\d+")
SECRET = re.compile(r"^(?:(?:whsec_)?[\w.:-]{60,}|svc_[\w-]{40,})$")
SECRET_LINK = re.compile(r"(?<=/calendars/)[\w-]+")
TABLES = ("companion", "consent", "patient")
"""What is shown of an export, which has some forty."""
MOST_LINES = 1
JSON_KIND = "application/json"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("read", READS, ids=[f"{number}" for number in range(len(READS))])
def test_what_is_read_is_as_documented(town: Town, read: Read) -> None:
    path = path_of(read, town)
    answer = town.as_(getattr(town, read.role)).ask("GET", path)
    assert answer.status_code == 200, answer.content
    check("GET", path, None, answer)


@pytest.mark.parametrize("operation", OPERATIONS, ids=[one.name for one in OPERATIONS])
def test_what_is_written_is_as_documented(town: Town, operation: Any) -> None:
    if operation.door == "VisitStep":
        assert town.ready
        town.set_clock(at(8))
    path, body = operation.path(town), operation.body(town)
    answer = town.as_(getattr(town, operation.role)).ask(operation.method, path, body)
    assert answer.status_code < 300, answer.content
    check(operation.method, path, body, answer)


WAYS = [STEPS, ("depart", "arrive", "no-show"), ("depart", "arrive", "start-infusion", "abort")]


@pytest.mark.parametrize("steps", WAYS, ids=[way[-1] for way in WAYS])
def test_every_step_of_a_visit_is_as_documented(town: Town, steps: tuple[str, ...]) -> None:
    story = Story(town)
    story.prepare()
    story.book()
    story.work()
    story.confirm()
    story.make_ready()
    story.work(until="2027-06-08T07:50:00-04:00")
    asked = story.nina.ask
    heard: dict[str, tuple[Any, Any]] = {}

    def hear(method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = asked(method, path, body, **more)
        heard[path.rpartition("/")[2]] = (body, answer)
        return answer

    story.nina.ask = hear  # type: ignore[method-assign]
    for step in steps:
        story.step(step)
        check("POST", f"visits/{story.visit['id']}/{step}", *heard[step])


def test_every_operation_is_asked_and_has_an_example() -> None:
    names = {operation["operationId"] for _, _, operation in operations()}
    recorded = set(json.loads(RECORDED.read_text()))
    assert names - recorded <= WITHOUT
    assert recorded <= names, "RECORD=1 writes them anew"


WITHOUT = {"hooks_texts", "hooks_emails"}
"""Their bodies are the providers', and signed."""


@pytest.mark.parametrize("name", sorted(json.loads(RECORDED.read_text())))
def test_an_example_is_true_to_the_schema(name: str) -> None:
    (operation,) = (one for _, _, one in operations() if one["operationId"] == name)
    example = examples_of(name)
    assert example is not None
    assert fault_of_example(operation, example) is None


def fault_of_example(operation: dict[str, Any], example: dict[str, Any]) -> str | None:
    name = operation["operationId"]
    body = operation.get("requestBody", {}).get("content", {}).get(JSON_KIND)
    if body is not None and "request" in example:
        fault = fault_of_value(body["schema"], example["request"], f"{name} takes")
        if fault is not None:
            return fault
    shown = operation["responses"][str(example["status"])].get("content", {}).get(JSON_KIND)
    if shown is None:
        return None
    return fault_of_value(shown["schema"], example["answer"], f"{name} answers")


def check(method: str, path: str, body: Any, answer: Any) -> None:
    """The answer was held against the document by the client; the body is held against it here."""
    operation = operation_at(method, ROOT + path.partition("?")[0])
    assert operation is not None
    exchange: dict[str, Any] = {"status": answer.status_code}
    if body is not None:
        exchange["request"] = body
    if answer.headers.get("Content-Type") == JSON_KIND:
        exchange["answer"] = answer.json()
    exchange = in_one_form(exchange)
    assert fault_of_example(operation, exchange) is None
    if RECORDING:
        record(operation["operationId"], exchange)


def record(name: str, exchange: dict[str, Any]) -> None:
    recorded = json.loads(RECORDED.read_text()) | {name: exchange}
    kept = {one["operationId"] for _, _, one in operations()}
    recorded = {one: recorded[one] for one in sorted(recorded) if one in kept}
    RECORDED.write_text(json.dumps(recorded, indent=1, ensure_ascii=False) + "\n")


def in_one_form(exchange: dict[str, Any]) -> dict[str, Any]:
    """Number the ids, cut lists, and leave nothing in it that looks like a secret."""
    numbers: dict[str, str] = {}
    fresh = count(1)

    def plain(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            most = TABLES if name == "tables" else tuple(value)
            return {one: plain(value[one], one) for one in most}
        if isinstance(value, list):
            most = MOST_LINES if name == "results" else len(value)
            return [plain(one) for one in value[:most]]
        if not isinstance(value, str):
            return value
        if SECRET.fullmatch(value) and not UUID.search(value):
            return f"{value[:6]}…"
        return SECRET_LINK.sub("secret", FRACTION.sub(r"\1", UUID.sub(numbered, unmarked(value))))

    def numbered(found: re.Match[str]) -> str:
        if found[0] not in numbers:
            numbers[found[0]] = f"01977c2a-0000-7000-8000-{next(fresh):012x}"
        return numbers[found[0]]

    return {name: plain(value) for name, value in exchange.items()}


def unmarked(text: str) -> str:
    """People as they are called outside of the tests."""
    return text.replace(STREET, "1 Main Street").replace(f" {MARK}", "").replace(MARK, "green")


def test_the_document_has_the_examples() -> None:
    shown = document()["paths"]["/api/v1/visits"]["post"]
    assert shown["requestBody"]["content"][JSON_KIND]["example"]
    assert shown["responses"]["201"]["content"][JSON_KIND]["example"]["status"] == "requested"
