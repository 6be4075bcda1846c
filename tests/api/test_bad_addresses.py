"""Addresses, queries and headers that cannot be served; each refusal is a problem document."""

import base64
import re
from itertools import product
from urllib.parse import quote

import pytest

from api.urls import urlpatterns
from tests.api.town import ROOT, assert_problem, digest_of_all_rows
from tests.builders import KETAMINE

NO_UUID = "no-uuid"
UNKNOWN = "01890000-0000-7000-8000-000000000000"
NO_DAYS = ["", "x", "2027-02-29", "2027-13-01", "0001-01-01", "9999-12-31", "1e9", "2027-06-08\x00"]
NO_PAGES = [
    "0",
    "-1",
    "x",
    "",
    "1.5",
    "1000000000",
    "101",
    "9" * 5000,
    "0000000001999",
    "²",
    "\x00",
]
LISTS = [
    "patients", "nurses", "locations", "companions", "visits", "messages", "vials", "consults",
    "sharing-consents",
]  # fmt: skip


def cursor_at(position: str) -> str:
    return base64.b64encode(f"p={quote(position)}".encode()).decode()


NO_CURSORS = ["x", "%00", "é", cursor_at("x"), cursor_at("a\x00b"), cursor_at("1" * 10_000),
              base64.b64encode(b"o=-1").decode()]  # fmt: skip


NO_ADDRESSES = [
    "", "nothing", "visits/", f"visits/{NO_UUID}", f"visits/{NO_UUID}/cancel", f"holds/{NO_UUID}",
    f"visits/{UNKNOWN}/fly", f"screenings/{NO_UUID}", f"markets/{NO_UUID}/clock", "me/",
    f"visits/{UNKNOWN}0", "visits/%00", "visits/" + "x" * 5000,
]  # fmt: skip


def test_an_unknown_address_is_a_404(dispatcher) -> None:
    for method, path in product(("GET", "POST", "DELETE"), NO_ADDRESSES):
        assert_problem(dispatcher.ask(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "thing"),
    [
        ("GET", "visits/{}", "visit"),
        ("GET", "visits/{}/candidates", "visit"),
        ("POST", "visits/{}/cancel", "visit"),
        ("POST", "visits/{}/reschedule", "visit"),
        ("POST", "visits/{}/assign", "visit"),
        ("PUT", "visits/{}/companion", "visit"),
        ("GET", "messages?visit={}", "visit"),
        ("GET", "screenings/{}", "screening"),
        ("GET", "visits/{}/questions", "visit"),
        ("GET", "slots?location={}", "location"),
        ("DELETE", "holds/{}", "hold"),
        ("GET", "plans/{}", "plan"),
        ("POST", "plans/{}/stop", "plan"),
        ("POST", "plans/{}/accept", "plan"),
        ("GET", "repairs/{}", "repair"),
        ("POST", "repairs/{}/accept", "repair"),
        ("GET", "visits/{}/superbill", "visit"),
        ("POST", "verifications/{}/corrections", "verification"),
        ("POST", "consults/{}/cancel", "consult"),
        ("POST", "sharing-consents/{}/withdrawal", "sharing consent"),
    ],
)
def test_an_unknown_id_is_a_404_that_names_the_thing(town, dispatcher, method, path, thing) -> None:
    known = {
        "nurse": town.nina.person_id, "hold": town.hold, "companion": town.carl.id,
        "element": "recipient", "value": "x", "reason": "wrong_entry",
    }  # fmt: skip
    texts = {name: str(one) for name, one in known.items()} | {"proposal": 1}
    body = None if method == "GET" else texts
    before = digest_of_all_rows()
    answer = dispatcher.ask(method, path.format(UNKNOWN), body)
    assert_problem(answer, 404, "not_found", thing)
    assert digest_of_all_rows() == before


def test_a_method_that_an_address_does_not_have_is_a_405(dispatcher, anonymous) -> None:
    for one in urlpatterns:
        path = re.sub("<uuid:[^>]+>", UNKNOWN, str(one.pattern))
        path = path.replace("<slug:code>", "castle").replace("<int:version>", "7")
        path = path.replace("texts/<slug:provider>", "texts/standard")
        path = path.replace("emails/<slug:provider>", "emails/resend")
        assert_problem(dispatcher.ask("PATCH", path), 405, "method_not_allowed")
    assert_problem(anonymous.ask("DELETE", "visits"), 405, "method_not_allowed")


def test_only_json_is_answered(dispatcher) -> None:
    for kind in ("text/xml", "text/html", "application/pdf"):
        assert_problem(dispatcher.ask("GET", "me", Accept=kind), 406, "not_acceptable")
    assert dispatcher.ask("GET", "me", Accept="text/xml, */*;q=0.1").status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_a_page_size_or_a_cursor_that_cannot_be_is_named(dispatcher, path) -> None:
    for size in NO_PAGES:
        assert_problem(dispatcher.get_(path, page_size=size), 400, "invalid", "page_size")
    for cursor in NO_CURSORS:
        assert_problem(dispatcher.get_(path, cursor=cursor), 400, "invalid", "cursor")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("visits?date={}", "date"),
        ("board?market=MARKET&date={}", "date"),
        ("slots?location=HOME&protocol=PROTOCOL&from={}&to=2027-06-08", "from"),
        ("verifications?from={}&to=2027-06-08", "from"),
        ("verifications?from=2027-06-08&to={}", "to"),
        ("slots?location=HOME&protocol=PROTOCOL&from=2027-06-08&to={}", "to"),
    ],
)
def test_a_day_that_is_none_is_named(town, dispatcher, path, field) -> None:
    known = path.replace("MARKET", str(town.market.id)).replace("PROTOCOL", KETAMINE)
    for day in NO_DAYS:
        asked = known.replace("HOME", str(town.home.id)).format(quote(day))
        assert_problem(dispatcher.ask("GET", asked), 400, "invalid", field)


def test_a_nurse_asks_for_a_day_that_is_one(nurse) -> None:
    for day in NO_DAYS:
        assert_problem(nurse.get_("nurses/me/route", date=day), 400, "invalid", "date")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from": "2027-06-06", "to": "2027-06-06"}, "to"),
        ({"from": "2027-06-09", "to": "2027-06-08"}, "to"),
        ({"from": "2027-06-08", "to": "2027-07-20"}, "to"),
        ({"from": "2028-03-12T02:30", "to": "2028-03-13"}, "from"),
        ({"from": "2028-03-12T02:30-05:00", "to": "2028-03-13"}, "from"),
        ({"protocol": "unknown"}, "protocol"),
        ({"protocol": "a\x00b"}, "protocol"),
        ({"protocol": ""}, "protocol"),
        ({"location": ""}, "location"),
        ({"location": "x"}, "location"),
        ({"nurse": "x"}, "nurse"),
    ],
)
def test_a_search_for_slots_that_cannot_be_is_named(town, patient, wrong, field) -> None:
    query = {"location": str(town.home.id), "protocol": KETAMINE, "from": "2027-06-08",
             "to": "2027-06-08"}  # fmt: skip
    assert patient.get_("slots", **query).status_code == 200
    assert_problem(patient.get_("slots", **query | wrong), 400, "invalid", field)


@pytest.mark.parametrize("name", ["location", "protocol", "from", "to"])
def test_a_search_for_slots_needs_all_of_its_parameters(town, patient, name) -> None:
    query = {"location": str(town.home.id), "protocol": KETAMINE, "from": "2027-06-08",
             "to": "2027-06-08"}  # fmt: skip
    del query[name]
    assert_problem(patient.get_("slots", **query), 400, "invalid", name)


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("visits?status=flying", 400, "status"),
        ("visits?status=%00", 400, "status"),
        ("vials?state=lost", 400, "state"),
        ("messages?visit=x", 400, "visit"),
        ("consults?patient=x", 400, "patient"),
        ("sharing-consents?patient=x", 400, "patient"),
        ("verifications?to=2027-06-08", 400, "from"),
        ("verifications?from=2027-06-08&to=2027-06-07", 400, "to"),
        ("verifications?from=2027-06-08&to=2027-09-08", 400, "to"),
        ("locations?patient=x", 400, "patient"),
        ("companions?patient=", 400, "patient"),
        ("board?date=2027-06-08", 404, "market"),
        ("board?market=x&date=2027-06-08", 400, "market"),
        (f"board?market={UNKNOWN}&date=2027-06-08", 404, "market"),
    ],
)
def test_a_filter_that_cannot_be_is_named(dispatcher, path, status, field) -> None:
    assert_problem(dispatcher.ask("GET", path), status, field=field)


@pytest.mark.parametrize("sent", ["Bearer", "Bearer x", "Bearer a b", "Bearer \xe9", "Basic eDp5"])
def test_a_token_that_cannot_be_read_is_a_401_in_words(anonymous, sent) -> None:
    body = assert_problem(anonymous.ask("GET", "me", Authorization=sent), 401)
    assert "ErrorDetail" not in body["detail"]
    assert anonymous.get(ROOT + "me").headers["WWW-Authenticate"].startswith("Bearer")
