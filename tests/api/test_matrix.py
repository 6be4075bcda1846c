"""Every operation of the document, asked for by everybody: each answer is as the policy says."""

from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from django.urls import resolve
from rest_framework.request import Request
from rest_framework.views import APIView

from api import policy
from api.policy import BOOKING, POLICY, SIGNED_IN, PolicyPermission
from config.embedded.servers import CHECKOUT
from dispatch import tenancy
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Role
from dispatch.domain.whose import Reaching, Whose
from dispatch.models import ServiceAccount
from dispatch.selectors import access
from tests.api.matrix import Matrix
from tests.api.operation import Operation, post
from tests.api.operations import OPERATIONS
from tests.api.readings import READINGS
from tests.api.town import ROOT
from tests.builders import NOW

SIGNED = [
    post("TextHook", "nobody", "hooks/texts/twilio", lambda _: {"Body": "x"}, {}),
    post("EmailHook", "nobody", "hooks/emails/resend", lambda _: {"type": "x"}, {}),
]
CASES = [*OPERATIONS, *READINGS, *SIGNED]
METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = {"code": "castle", "version": "7", "provider": "twilio", "gate": "kit"}


def documented() -> list[tuple[str, str, str]]:
    """Method, address and door of every operation of the document."""
    text = (Path(CHECKOUT) / "docs" / "openapi.yaml").read_text()
    paths = yaml.load(text, Loader=yaml.CSafeLoader)["paths"]
    return [
        (method.upper(), path.removeprefix(ROOT), door_at(path))
        for path, operations in paths.items()
        for method in operations
        if method in METHODS
    ]


def door_at(path: str) -> str:
    parts = (one.strip("{}") for one in path.split("/"))
    filled = "/".join(
        EXAMPLES.get(name, str(uuid4())) if f"{{{name}}}" in path else name for name in parts
    )
    return resolve(filled).func.cls.__name__


DOCUMENTED = documented()
PARTS = ["visits", "a-c", "d-o", "p-r", "s-z"]
"""All the addresses, by the letters that they begin with; visits have more than any."""


def cases_of(method: str, door: str) -> list[Operation]:
    return [one for one in CASES if (one.method, one.door) == (method, door)]


def part_of(route: str) -> str:
    if route.partition("/")[0] in PARTS:
        return route.partition("/")[0]
    return next(part for part in PARTS[1:] if part[0] <= route[0] <= part[-1])


@pytest.fixture
def matrix(db: None) -> Matrix:
    return Matrix()


@pytest.mark.parametrize("part", PARTS)
def test_every_answer_to_everybody_is_as_the_table_has_it(matrix: Matrix, part: str) -> None:
    faults = []
    for method, route, door in DOCUMENTED:
        if part_of(route) == part:
            cases = cases_of(method, door)
            assert POLICY.get(door, {}).get(method), f"{method} {route} is not in the table"
            assert cases, f"{method} {route} has no case"
            faults += [fault for one in cases for fault in matrix.faults_of(one, route)]
    assert not faults, "\n".join(faults)


NAME_TWO = {
    "Absences", "Consults", "DeliveryReplay", "Plans", "Repairs", "SeriesBook", "SeriesHold",
    "VisitAssign", "VisitCompanion", "VisitReschedule", "Visits", "VialDiscrepancy",
}  # fmt: skip
"""Doors to which a body may name a thing beside the one that it is about."""


@pytest.mark.parametrize("door", sorted(NAME_TWO))
def test_a_thing_of_elsewhere_beside_ones_own_is_as_one_that_is_not_there(
    matrix: Matrix, door: str
) -> None:
    faults = []
    for method, route, found in DOCUMENTED:
        if found == door and method != "GET":
            for one in cases_of(method, door):
                faults += matrix.faults_within(one, route)
    assert not faults, "\n".join(faults)


def read(door: str) -> tuple[Operation, str]:
    route = next(route for method, route, found in DOCUMENTED if (method, found) == ("GET", door))
    return cases_of("GET", door)[-1], route


def unfiltered(rows, *_):
    return rows


def of_any_market(rows, _, thing):
    if (row := rows.first()) is None:
        raise NotFound(thing)
    return row


@pytest.mark.parametrize(
    ("where", "name", "loose", "door"),
    [
        (policy, "_may", lambda *_: True, "Messages"),
        (access, "_one", of_any_market, "ScreeningDetail"),
        (access, "_own", unfiltered, "Consults"),
        (access, "_own", unfiltered, "VisitDetail"),
        (access, "_of_nurse", unfiltered, "Visits"),
    ],
)
def test_the_matrix_finds_a_service_that_is_looser_than_the_table(
    monkeypatch, matrix: Matrix, where, name, loose, door
) -> None:
    """The control of the test above, with the walls of PostgreSQL down."""
    monkeypatch.setattr(tenancy, "within", lambda _: tenancy.everywhere())
    monkeypatch.setattr(where, name, loose)
    assert matrix.faults_of(*read(door))


@pytest.mark.parametrize(
    ("door", "row"),
    [
        ("Locations", BOOKING | {Role.NURSE}),
        ("VisitDetail", SIGNED_IN - {Role.NURSE} | {Reaching(Role.NURSE, Whose.MARKET)}),
        ("SeriesDetail", BOOKING - {Role.PATIENT} | {Reaching(Role.PATIENT, Whose.MARKET)}),
    ],
)
def test_the_matrix_finds_a_row_of_the_table_that_is_looser_than_the_service(
    monkeypatch, matrix: Matrix, door, row
) -> None:
    monkeypatch.setitem(POLICY, door, {"GET": row})
    assert matrix.faults_of(*read(door))


def test_the_matrix_finds_what_a_refusal_writes(monkeypatch, matrix: Matrix) -> None:
    kept = PolicyPermission.has_permission

    def counting(self: PolicyPermission, request: Request, view: APIView) -> bool:
        ServiceAccount.objects.update(last_used_at=NOW)
        return kept(self, request, view)

    monkeypatch.setattr(PolicyPermission, "has_permission", counting)
    assert any("written" in fault for fault in matrix.faults_of(*read("Board")))


def test_an_operation_that_is_not_in_the_table_is_found(monkeypatch, matrix: Matrix) -> None:
    operation, route = read("Board")
    assert not matrix.faults_of(operation, route)
    monkeypatch.delitem(POLICY, "Board")
    with pytest.raises(AssertionError, match="is not in the table"):
        test_every_answer_to_everybody_is_as_the_table_has_it(matrix, "a-c")
