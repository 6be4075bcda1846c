"""The committed OpenAPI document: it is the one the code makes, and it keeps the contract."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from config.embedded.servers import CHECKOUT

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
        assert operation.get("summary") or operation.get("description"), name
        refusals = {code for code in operation["responses"] if code.startswith("4")}
        assert {"400", "401", "403", "404"} <= refusals, name
        for code in refusals:
            kinds = set(operation["responses"][code]["content"])
            assert kinds == {"application/problem+json"}, name


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
