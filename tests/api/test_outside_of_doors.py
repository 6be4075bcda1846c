"""Where no door is reached: problem documents are for programs, plain pages for people."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from api.urls import urlpatterns as doors
from tests.api.town import PROBLEM, ROOT, assert_problem

FAULTS = {"forbidden": PermissionDenied, "suspicious": SuspiciousOperation, "fault": ValueError}
SECRET = "what went wrong"


def fails(request: HttpRequest, kind: str) -> HttpResponse:
    raise FAULTS[kind](SECRET)


def takes_a_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


urlpatterns = [
    path("api/v1/", include(doors)),
    path("api/v1/fails/<str:kind>", fails),
    path("fails/<str:kind>", fails),
    path("form", takes_a_form),
]
handler400 = "config.refused.bad_request"
handler403 = "config.refused.permission_denied"
handler404 = "config.refused.not_found"
handler500 = "config.refused.server_error"


@pytest.fixture
def outside(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


STATUSES = {"forbidden": 403, "suspicious": 400, "fault": 500}


@pytest.mark.parametrize("kind", FAULTS)
def test_under_the_api_it_is_a_problem_document(outside: Client, kind: str) -> None:
    answer = outside.get(f"/api/v1/fails/{kind}")
    assert (answer.status_code, answer["Content-Type"]) == (STATUSES[kind], PROBLEM)
    assert answer.json()["status"] == STATUSES[kind]
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("kind", FAULTS)
def test_elsewhere_it_is_a_plain_page(outside: Client, kind: str) -> None:
    answer = outside.get(f"/fails/{kind}")
    assert answer.status_code == STATUSES[kind]
    assert answer["Content-Type"].startswith("text/html")
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("address", ["/api", "/api/", "/api/v2/me", "/api/v1/nothing"])
def test_an_address_that_is_not_there(outside: Client, address: str) -> None:
    assert_problem(outside.get(address), 404, "not_found")
    assert outside.get("/nothing")["Content-Type"].startswith("text/html")


def test_a_host_that_is_not_ours(outside: Client) -> None:
    for address, kind in ((ROOT + "me", PROBLEM), ("/form", "text/html; charset=utf-8")):
        answer = outside.get(address, headers={"Host": "evil.example.org"})
        assert (answer.status_code, answer["Content-Type"]) == (400, kind)


def test_a_form_from_elsewhere(outside: Client) -> None:
    answer = outside.post("/form", {"a": "b"})
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert b"CSRF" not in answer.content


@pytest.mark.django_db
def test_options_names_the_methods_and_head_is_a_get_without_its_body(patient, anonymous) -> None:
    asked = anonymous.generic("OPTIONS", ROOT + "visits")
    assert (asked.status_code, asked.content) == (204, b"")
    assert set(asked["Allow"].split(", ")) == {"GET", "POST", "HEAD", "OPTIONS"}
    assert patient.generic("HEAD", ROOT + "visits").content == b""
    refused = patient.ask("PUT", "visits")
    assert_problem(refused, 405, "method_not_allowed")
    assert "GET" in refused["Allow"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["statuss=booked", "%00=1", "a[]=%ff%fe", "cursor=x&x=y"])
def test_a_query_that_a_door_does_not_know_is_refused_by_name(patient, query: str) -> None:
    assert_problem(patient.ask("GET", f"me?{query}"), 400, "invalid")
    body = assert_problem(patient.ask("GET", "visits?patint=x"), 400, "invalid")
    assert [one["field"] for one in body["errors"]] == ["patint"]
