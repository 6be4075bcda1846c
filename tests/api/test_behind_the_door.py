"""Behind a door only the rows of one's own market are there, whatever the door asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from api.door import Door
from api.spreadsheet import csv_answer
from dispatch import tenancy
from dispatch.domain.people import Actor
from dispatch.models import User, Visit
from tests.api.town import Town
from tests.outsiders import NO_MARKET

pytestmark = pytest.mark.django_db


@dataclass
class Row:
    market: str


class Everything(Door):
    """All visits, with none of the filters that doors have, for anybody."""

    permission_classes = ()
    any_query = True

    def get(self, request: Request) -> HttpResponseBase:
        if "fail" in request.query_params:
            raise ZeroDivisionError
        rows = (Row(str(one)) for one in Visit.objects.values_list("market_id", flat=True))
        if "csv" in request.query_params:
            return csv_answer("all.csv", Row, rows)
        return Response([one.market for one in rows])


@pytest.fixture
def here() -> Town:
    return with_a_visit("Washington")


@pytest.fixture
def there() -> Town:
    return with_a_visit("Baltimore")


def with_a_visit(name: str) -> Town:
    town = Town(name)
    assert town.visit
    return town


def asked(who: Actor | None, query: str = "") -> Any:
    """As in a process of the service, where nobody's rows are seen to begin with."""
    request = APIRequestFactory().get(f"/everything?{query}")
    if who is not None:
        force_authenticate(request, User.objects.get(id=who.user_id))
    with tenancy.within(NO_MARKET):
        return Everything.as_view()(request)


def seen(who: Actor | None) -> set[UUID]:
    return {UUID(one) for one in asked(who).data}


def test_each_sees_their_own_market(here, there) -> None:
    assert seen(here.bob) == {here.market.id}
    assert seen(there.bob) == {there.market.id}
    assert seen(here.alice) == {here.market.id}
    assert seen(None) == set()


def test_a_door_that_fails_leaves_nothing_to_the_next(here, there) -> None:
    with pytest.raises(ZeroDivisionError):
        asked(here.bob, "fail")
    assert tenancy.tenant() == tenancy.NOBODY
    assert seen(None) == set()
    assert seen(there.bob) == {there.market.id}


def test_what_is_streamed_after_the_door_closed_is_of_the_same_market(here, there) -> None:
    answer = asked(here.bob, "csv")
    with tenancy.within(NO_MARKET):
        text = b"".join(answer.streaming_content).decode()
    assert str(here.market.id) in text
    assert str(there.market.id) not in text
    assert tenancy.tenant() == tenancy.NOBODY


def test_without_the_door_both_are_there(here, there) -> None:
    """The control: the session of these tests begins with all rows in sight."""
    assert set(Visit.objects.values_list("market_id", flat=True)) == {
        here.market.id, there.market.id,
    }  # fmt: skip
