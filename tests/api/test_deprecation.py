"""What will go says since when, until when, and where to read what to use instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.deprecation import RETIRED, Retirement
from api.door import Created, Door
from api.policy import POLICY
from dispatch.domain.whose import ANYONE

SHORTEST_NOTICE = timedelta(days=180)
GOING = Retirement(
    since=datetime(2027, 1, 1, tzinfo=UTC),
    until=datetime(2027, 9, 1, tzinfo=UTC),
    guide="https://example.org/going",
)


class OldDoor(Door):
    authentication_classes = ()

    @extend_schema(operation_id="old", responses=Created)
    def get(self, _: Request) -> Response:
        """Go by another."""
        return Response({"id": "01977c2a-0000-7000-8000-000000000001"})

    @extend_schema(operation_id="kept", responses=Created)
    def post(self, _: Request) -> Response:
        """Stay."""
        return Response({"id": "01977c2a-0000-7000-8000-000000000001"})


urlpatterns = [path("api/v1/old", OldDoor.as_view())]


@pytest.fixture
def client(settings, monkeypatch) -> Client:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setitem(POLICY, "OldDoor", {"GET": ANYONE, "POST": ANYONE})
    monkeypatch.setitem(RETIRED, "OldDoor", {"GET": GOING})
    return Client()


def test_an_answer_of_what_will_go_says_so(client: Client) -> None:
    answer = client.get("/api/v1/old")
    assert answer.headers["Deprecation"] == "@1798761600"
    assert answer.headers["Sunset"] == "Wed, 01 Sep 2027 00:00:00 GMT"
    assert answer.headers["Link"].startswith("<https://example.org/going>")
    assert client.get("/api/v1/old?x=y").headers["Deprecation"], "so do its refusals"


def test_what_stays_says_nothing(client: Client) -> None:
    assert "Deprecation" not in client.post("/api/v1/old").headers


def test_the_document_marks_it(client: Client) -> None:
    made = SchemaGenerator(patterns=urlpatterns).get_schema(request=None, public=True)
    (operations,) = made["paths"].values()
    assert operations["get"]["deprecated"] is True
    assert "deprecated" not in operations["post"]


def test_between_the_notice_and_the_end_lies_time_enough() -> None:
    for row in RETIRED.values():
        assert all(one.until - one.since >= SHORTEST_NOTICE for one in row.values())
