"""Holds every answer of the API against its document: status, code, headers, and what is shown."""

from __future__ import annotations

import json
import re
from functools import cache
from threading import Lock
from typing import Any

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator

PROBLEM = "application/problem+json"
ANYWHERE = {405, 500}
"""Refusals that stand outside of operations: there is none, or the fault is ours."""
ONE_AT_A_TIME = Lock()
"""Whoever makes the document first, in many threads at once: its generator loads its parts."""
FORMATS = {"validate_formats": True}


def document() -> dict[str, Any]:
    with ONE_AT_A_TIME:
        return _document()


@cache
def _document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


@cache
def operations() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    """Every operation with a pattern of its address; those with fewer variables come first."""
    found = []
    for path, methods in document()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        found += [(pattern, method.upper(), one) for method, one in methods.items()]
    return sorted(found, key=lambda one: one[0].pattern.count("[^/]+"))


def operation_at(method: str, path: str) -> dict[str, Any] | None:
    method = "GET" if method == "HEAD" else method
    return next(
        (one for pattern, of, one in operations() if of == method and pattern.fullmatch(path)),
        None,
    )


def fault_of_answer(method: str, path: str, answer: Any) -> str | None:
    """Say what an answer says that the document does not; None where they agree."""
    operation = operation_at(method, path)
    if operation is None or answer.status_code in ANYWHERE:
        return None
    told = resolved(operation["responses"].get(str(answer.status_code)))
    name = operation["operationId"]
    if told is None:
        return f"{name} answers {answer.status_code}: not in the document: {_body(answer)!r:.300}"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    shown = told.get("content", {})
    if method == "HEAD" or (not shown and not _body(answer)):
        return None
    if kind not in shown:
        return f"{name} answers {answer.status_code} as {kind!r}, and not as {sorted(shown)}"
    if not kind.endswith("json"):
        return None
    return fault_of_value(shown[kind]["schema"], json.loads(_body(answer)), name)


def fault_of_value(schema: dict[str, Any], value: Any, name: str) -> str | None:
    """Say what in a value is against a schema of the document."""
    faults = [
        f"{'/'.join(map(str, fault.instance_path))}: {fault.message}"
        for fault in _validator(json.dumps(schema)).iter_errors(value)
    ]
    return f"{name}: {faults[:3]}" if faults else None


def resolved(told: dict[str, Any] | None) -> dict[str, Any] | None:
    if told is None or "$ref" not in told:
        return told
    one: Any = document()
    for part in told["$ref"].removeprefix("#/").split("/"):
        one = one[part]
    return one


@cache
def _validator(schema: str) -> Any:
    whole = {**json.loads(schema), "components": {"schemas": document()["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, **FORMATS)


def _body(answer: Any) -> bytes:
    return b"" if answer.streaming else answer.content
