"""OpenAPI links: every one goes from an id that is told to an operation that takes it."""

import yaml

from api.links import STEPS
from config.embedded.servers import CHECKOUT

DOCUMENT = yaml.load((CHECKOUT / "docs" / "openapi.yaml").read_bytes(), yaml.CSafeLoader)
OPERATIONS = {
    one["operationId"]: (path, one)
    for path, methods in DOCUMENT["paths"].items()
    for one in methods.values()
}
LINKS = [
    (source, status, link)
    for source, (_, operation) in OPERATIONS.items()
    for status, answer in operation["responses"].items()
    for link in answer.get("links", {}).values()
]


WAY_OF_A_VISIT = {
    ("slots_list", "200", "holds_take"),
    ("holds_take", "201", "visits_book"),
    ("visits_book", "201", "visits_read"),
    ("visits_list", "200", "visits_cancel"),
    ("plans_ask", "201", "plans_accept"),
}


def test_a_link_leads_to_an_operation_that_takes_what_it_carries() -> None:
    assert LINKS
    for source, _, link in LINKS:
        path, operation = OPERATIONS[link["operationId"]]
        for name in link.get("parameters", {}):
            assert f"{{{name}}}" in path, (source, path)
        for name in link.get("requestBody", {}):
            assert name in fields_of(operation), (source, path)


def fields_of(operation: dict) -> set[str]:
    """Those of every kind of body that it takes."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    name = schema["$ref"].rpartition("/")[2]
    component = DOCUMENT["components"]["schemas"][name]
    return set(component["properties"])


def test_the_way_of_a_visit_is_linked() -> None:
    told = {(one, at, link["operationId"]) for one, at, link in LINKS}
    assert told >= WAY_OF_A_VISIT | {(step.source, step.status, step.target) for step in STEPS}
