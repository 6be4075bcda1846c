"""Where an answer leads: OpenAPI links, from the operation that tells an id to those that take it.

They are read off the document: a list and what adds to it lead to every operation below their
address that takes an id of theirs. How a visit is booked goes by other names, see ``STEPS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

FIRST, MADE = "$response.body#/results/0/id", "$response.body#/id"
ID_OF: Mapping[str, tuple[str, str]] = {"get": ("200", FIRST), "post": ("201", MADE)}
"""In which answer of a collection's methods an id stands, and where."""
BELOW = re.compile(r"(?P<collection>/api/v1/[a-z/-]+?)/\{(?P<name>[a-z]+_id)\}")


@dataclass(frozen=True, slots=True)
class Step:
    """The id in an operation's answer goes into a field of another's body."""

    source: str
    status: str
    id_at: str
    target: str
    field: str


STEPS = (
    Step("slots_list", "200", FIRST, "holds_take", "slot"),
    Step("holds_take", "201", MADE, "visits_book", "hold"),
    Step("holds_take", "201", MADE, "visits_reschedule", "hold"),
    Step("locations_list", "200", FIRST, "series_hold", "location"),
    Step("companions_list", "200", FIRST, "visits_companion", "companion"),
    Step("nurses_list", "200", FIRST, "visits_assign", "nurse"),
    Step("nurses_list", "200", FIRST, "absences_record", "nurse"),
)


def with_links(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the links to the answers that they begin in; a hook of drf-spectacular's."""
    operations = {one["operationId"]: one for _, _, one in _operations(result)}
    for path, _method, target in _operations(result):
        if (found := BELOW.match(path)) is None:
            continue
        for method, (status, id_at) in ID_OF.items():
            source = result["paths"].get(found["collection"], {}).get(method, {})
            _lead(source, status, target, {"parameters": {found["name"]: id_at}})
    for step in STEPS:
        body = {"requestBody": {step.field: step.id_at}}
        if operations.keys() >= {step.source, step.target}:  # a document may be of some doors only
            _lead(operations[step.source], step.status, operations[step.target], body)
    return result


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _lead(source: Any, status: str, target: Any, how: dict[str, Any]) -> None:
    answer = source.get("responses", {}).get(status)
    if answer is not None:
        answer.setdefault("links", {})[target["operationId"]] = {
            "operationId": target["operationId"], **how,
        }  # fmt: skip
