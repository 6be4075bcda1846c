"""The committed OpenAPI document: it is the one the code makes, and it keeps the contract."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from api.policy import POLICY
from api.problem_codes import CODES
from api.refusals import REFUSALS
from config.embedded.servers import CHECKOUT

ELSEWHERE = {"bound", "expired", "moved", "erased", "no_trail", "visits_ahead", "changed_since",
             "not_in_force", "nothing_to_undo", "told_already", "shift_in_use",
             "credential_over", "shift_over", "rule_over", "day_over", "account_closed", "oneself",
             "consults_ahead", "last_administrator", "nurse_account"}  # fmt: skip
"""Refused on pages and by commands alone, which show them in words."""
COMMITTED = Path(CHECKOUT) / "docs" / "openapi.yaml"
STEPS = ["cancel", "reschedule", "depart", "arrive", "start-infusion", "end-infusion", "discharge",
         "complete", "no-show", "abort"]  # fmt: skip
CONTRACT = [
    "POST auth/token", "POST auth/refresh", "POST auth/logout", "GET me", "GET protocols",
    "POST screenings", "GET screenings/{screening_id}", "GET slots", "POST holds",
    "DELETE holds/{hold_id}", "POST visits", "GET visits", "GET visits/{visit_id}",
    "GET visits/{visit_id}/candidates", "POST visits/{visit_id}/assign", "GET nurses/me/route",
    "POST plans", "GET plans/{job_id}", "POST plans/{job_id}/accept", "POST absences",
    "GET repairs/{job_id}", "POST repairs/{job_id}/accept", "GET messages", "GET board",
    *(f"POST visits/{{visit_id}}/{step}" for step in STEPS),
]  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/api/v1/')}", operation


def test_the_committed_document_is_the_one_that_the_code_makes(schema) -> None:
    made = OpenApiYamlRenderer().render(schema, renderer_context={}).decode()
    assert COMMITTED.read_text() == made, "run: make schema"


def test_the_document_is_valid_openapi_3_1(schema) -> None:
    assert schema["openapi"].startswith("3.1.")
    validate_schema(yaml.safe_load(COMMITTED.read_text()))


def test_every_address_of_the_contract_is_there(schema) -> None:
    assert set(CONTRACT) <= {name for name, _ in operations(schema)}


def test_every_operation_says_what_it_does_and_how_it_refuses(schema) -> None:
    for name, operation in operations(schema):
        assert operation["summary"], name
        refusals = {code for code in operation["responses"] if code >= "4"}
        behind_sign_in = {"401", "403"} if "security" in operation else set()
        assert {"400", "406", "429", "503"} | behind_sign_in <= refusals, name
        assert ("413" in refusals) == ("415" in refusals) == takes_a_body(operation), name
        for code in refusals:
            answer = resolved(schema, operation["responses"][code])
            assert set(answer["content"]) == {"application/problem+json"}, name
            codes = answer["content"]["application/problem+json"]["schema"]["properties"]["code"]
            assert {CODES[one].status for one in codes["enum"]} == {int(code)}, name
            assert all(f"`{one}`" in answer["description"] for one in codes["enum"]), name


def takes_a_body(operation: dict[str, Any]) -> bool:
    """A key is kept with a digest of the body, also where there should be none."""
    return "requestBody" in operation or "Idempotency-Key" in taken_by(operation)


def taken_by(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", [])}


def resolved(schema: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    name = answer.get("$ref", "").rpartition("/")[2]
    return schema["components"]["responses"][name] if name else answer


def test_every_table_of_refusals_is_of_an_operation() -> None:
    named = {(door, method) for door, row in REFUSALS.items() for method in row}
    assert named <= {(door, method) for door, row in POLICY.items() for method in row}
    assert {one for row in REFUSALS.values() for text in row.values() for one in text.split()} <= (
        CODES.keys()
    )


def test_every_code_that_is_raised_is_in_the_table() -> None:
    """Read from the source: the first argument of every refusal, and where a code is named."""
    kinds = {"Conflict", "Forbidden", "DispatchError"}
    raised = {
        node.args[0].value
        for folder in ("dispatch", "api", "workers")
        for file in (Path(CHECKOUT) / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert len(raised) > 50
    assert raised <= CODES.keys() | ELSEWHERE, "put it into api/problem_codes.py"


def test_every_post_that_creates_takes_a_key(schema) -> None:
    """Those that answer 201, and no other; what changes something under a key may answer 200."""
    for name, operation in operations(schema):
        if "201" in operation["responses"]:
            assert "Idempotency-Key" in taken_by(operation), name


def test_what_shows_a_tag_says_so_and_answers_304(schema) -> None:
    for name, operation in operations(schema):
        shows = any(
            "ETag" in answer.get("headers", {}) for answer in operation["responses"].values()
        )
        asks = "If-None-Match" in taken_by(operation)
        assert asks == ("304" in operation["responses"]), name
        assert ("412" in operation["responses"]) == ("If-Match" in taken_by(operation)), name
        assert not asks or shows, name


def test_every_operation_has_a_name_of_its_own(schema) -> None:
    names = [operation["operationId"] for _, operation in operations(schema)]
    assert len(names) == len(set(names))


def test_what_creates_tells_of_its_key_and_what_changes_of_its_tag(schema) -> None:
    headers = {
        name: {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
        for name, operation in operations(schema)
    }
    for name in ("POST visits", "POST holds", "POST locations", "POST screenings", "POST plans",
                 "POST absences"):  # fmt: skip
        assert "Idempotency-Key" in headers[name], name
    for step in [*STEPS, "assign"]:
        assert "If-Match" in headers[f"POST visits/{{visit_id}}/{step}"], step


def test_the_document_and_its_pages_are_served_to_all(anonymous) -> None:
    assert anonymous.get("/api/v1/schema").status_code == 200
    pages = anonymous.get("/api/v1/docs", headers={"Accept": "text/html"})
    assert pages.status_code == 200
    assert b"swagger" in pages.content.lower()
