"""A patient books a visit with the generated client: checked by mypy, run against the service."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID, uuid4

from visiting_nurse import AuthenticatedClient, Client
from visiting_nurse.api.auth import auth_token
from visiting_nurse.api.holds import holds_take
from visiting_nurse.api.locations import locations_list
from visiting_nurse.api.slots import slots_list
from visiting_nurse.api.visits import visits_book, visits_list, visits_read
from visiting_nurse.models import (
    HoldsBodyRequest,
    LocationLine,
    Problem,
    SignInBodyRequest,
    VisitDetail,
    VisitsBodyRequest,
)

T = TypeVar("T")


class RefusedError(Exception):
    """The service said no; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def told(answer: T | Problem | None) -> T:
    """Return what was asked for; raise RefusedError with the problem where that was refused."""
    assert answer is not None, "the answer is in the document"
    if isinstance(answer, Problem):
        raise RefusedError(answer)
    return answer


def signed_in(url: str, username: str, password: str) -> AuthenticatedClient:
    body = SignInBodyRequest(username=username, password=password)
    with Client(base_url=url) as nobody:
        tokens = told(auth_token.sync(client=nobody, body=body))
    return AuthenticatedClient(base_url=url, token=tokens.access, raise_on_unexpected_status=True)


def book(client: AuthenticatedClient, protocol: str, day: str) -> VisitDetail:
    """Book the first slot of a day at the patient's first place, and read the visit."""
    home: LocationLine = told(locations_list.sync(client=client)).results[0]
    offered = told(
        slots_list.sync(client=client, protocol=protocol, location=home.id, from_=day, to=day)
    )
    taken = HoldsBodyRequest(slot=offered.results[0].id)
    hold = told(holds_take.sync(client=client, body=taken, idempotency_key=str(uuid4())))
    booking = VisitsBodyRequest(hold=hold.id, price_cents=hold.price_cents)
    key = str(uuid4())
    first, again = (
        told(visits_book.sync(client=client, body=booking, idempotency_key=key)) for _ in range(2)
    )
    assert first.id == again.id
    assert [one.id for one in told(visits_list.sync(client=client)).results] == [first.id]
    visit = told(visits_read.sync(visit_id=first.id, client=client))
    assert isinstance(visit, VisitDetail)
    return visit


def why_not(client: AuthenticatedClient, visit: UUID) -> str:
    """Return the code with which a visit that is not there is refused."""
    try:
        told(visits_read.sync(visit_id=visit, client=client))
    except RefusedError as refused:
        return str(refused.problem.code)
    raise AssertionError(visit)
