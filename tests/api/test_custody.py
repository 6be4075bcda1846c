"""Custody over HTTP: vials received, followed, signed for, and listed for whoever counts them."""

import csv
from io import StringIO
from uuid import UUID

import pytest
from django.db import transaction

from api.spreadsheet import harmless
from dispatch import ledger
from dispatch.domain.custody import EntryKind, Movement
from tests.api.story import told
from tests.api.town import Town, assert_problem, digest_of_all_rows
from tests.builders import NOW, TODAY, World

PERIOD = {"from": "2027-06-07", "to": "2027-06-08"}
RECEIVED = {"drug": "ketamine", "lot": "=1+1", "content_ug": 50_000, "expires_on": "2028-01-31",
            "numbers": ["-7", "V8"]}  # fmt: skip


def tell(town: Town, kind: EntryKind, ug: int | None = None) -> UUID:
    movement = Movement(kind, town.vial, town.assigned, NOW, ug=ug)
    with transaction.atomic():
        entry_id = ledger.enter(movement, by=town.nina, now=NOW)
    assert entry_id is not None
    return entry_id


@pytest.fixture
def used(town: Town) -> UUID:
    """Of Nina's vial 35 mg were given; the rest was wasted, as nobody has seen yet."""
    tell(town, EntryKind.CHECKED_OUT)
    tell(town, EntryKind.GIVEN, 35_000)
    return tell(town, EntryKind.WASTED, 15_000)


def test_vials_are_received_and_listed_by_where_they_are(town, administrator, nurse, used) -> None:
    made = told(administrator.post_("vials", RECEIVED), 201)["results"]
    assert [(one["number"], one["state"]) for one in made] == [
        ("-7", "in_stock"), ("V8", "in_stock")
    ]  # fmt: skip
    assert told(nurse.get_("vials", state="in_stock"))["results"] == made[::-1]
    assert told(nurse.get_("vials", state="out"))["results"] == []
    (gone,) = told(nurse.get_("vials", state="used_up"))["results"]
    assert (gone["number"], gone["lot"], gone["in_stock_ug"]) == ("V1", "L7", 0)
    refusal = assert_problem(administrator.post_("vials", RECEIVED), 409, "vial_known")
    assert refusal["numbers"] == ["-7", "V8"]


def test_a_visits_custody_shows_what_waits_and_a_colleague_signs_it(
    town, nurse, prescriber, used
) -> None:
    path = f"visits/{town.assigned}/custody"
    before = told(nurse.get_(path))
    assert (before["balance_ug"], before["settled"]) == (0, False)
    assert [(one["kind"], one["ug"]) for one in before["entries"]] == [
        ("checked_out", 50_000), ("given", 35_000), ("wasted", 15_000)
    ]  # fmt: skip
    (waiting,) = told(prescriber.get_("custody/to-sign"))["results"]
    assert waiting["id"] == str(used)
    assert told(nurse.get_("custody/to-sign"))["results"] == []
    assert_problem(nurse.post_(f"custody/{used}/witness"), 409, "own_entry")
    signed = told(prescriber.post_(f"custody/{used}/witness"))
    assert signed["signed_by"].startswith("dora")
    assert told(prescriber.post_(f"custody/{used}/witness")) == signed
    for client in (nurse, town.as_(town.bob), town.as_(town.anna), prescriber):
        assert told(client.get_(path))["settled"]


def test_a_gap_is_explained_by_one_and_signed_by_another(town, administrator, prescriber) -> None:
    tell(town, EntryKind.CHECKED_OUT)
    tell(town, EntryKind.GIVEN, 49_000)
    body = {"visit": str(town.assigned), "ug": 1_000, "reason": "the syringe broke"}
    entry = told(administrator.post_(f"vials/{town.vial}/discrepancy", body), 201)
    assert (entry["source"], entry["target"], entry["reason"]) == (
        "nurse", "discrepancy", "the syringe broke"
    )  # fmt: skip
    (task,) = told(town.as_(town.bob).get_("tasks"))["results"]
    assert (task["kind"], task["urgent"]) == ("custody_open", True)
    assert "signed by another" in task["reason"]
    told(prescriber.post_(f"custody/{entry['id']}/witness"))
    assert told(town.as_(town.bob).get_("tasks"))["results"] == []


def test_the_inventory_adds_up_in_json_and_csv(town, administrator, used) -> None:
    told(administrator.post_("vials", RECEIVED), 201)
    rows = {one["number"]: one for one in pages(administrator)}
    assert rows["V1"] | {"id": ""} == {
        "id": "", "drug": "ketamine", "lot": "L7", "number": "V1", "expires_on": "2099-01-01",
        "content_ug": 50_000, "received_ug": 50_000, "checked_out_ug": 50_000, "given_ug": 35_000,
        "wasted_ug": 15_000, "returned_ug": 0, "restocked_ug": 0, "discrepancy_ug": 0,
        "in_stock_ug": 0, "out_ug": 0, "balance_ug": 0,
    }  # fmt: skip
    assert [rows[number]["balance_ug"] for number in ("-7", "V8")] == [50_000, 50_000]
    written = {one["number"]: one for one in spreadsheet(administrator)}
    assert list(written) == ["'-7", "V1", "V8"]
    assert written["'-7"]["lot"] == "'=1+1"
    assert written["V1"] == {name: str(value) for name, value in rows["V1"].items()}


def pages(client) -> list[dict]:
    """One line a page, by the links from page to page."""
    page = told(client.get_("custody/inventory", page_size="1", **PERIOD))
    found = page["results"]
    while page["next"]:
        page = told(client.get(page["next"]))
        found += page["results"]
    return found


def spreadsheet(client) -> list[dict[str, str]]:
    answer = client.get_("custody/inventory", format="csv", **PERIOD)
    assert answer.streaming
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(b"".join(answer).decode())))


def test_a_period_shows_what_moved_in_it_and_what_was_left_at_its_end(
    town, administrator, used
) -> None:
    assert town.vial
    later = told(administrator.get_("custody/inventory", **{"from": "2027-06-08",
                                                            "to": "2027-06-09"}))  # fmt: skip
    assert later["results"] == [], "used up before, and nothing moved since"
    earlier = told(administrator.get_("custody/inventory", **{"from": "2027-06-01",
                                                              "to": "2027-06-06"}))  # fmt: skip
    assert earlier["results"] == [], "not received yet"


@pytest.mark.parametrize(
    ("period", "field"),
    [
        ({"from": "2027-06-07"}, "to"),
        ({"to": "2027-06-07"}, "from"),
        ({"from": "2027-06-07", "to": "x"}, "to"),
        ({"from": "2027-06-07", "to": "2027-06-06"}, "to"),
        ({"from": "2027-06-07", "to": "2027-09-07"}, "to"),
    ],
)
def test_a_period_that_cannot_be_is_named_whatever_was_asked_for(
    administrator, period, field
) -> None:
    for how in ({}, {"format": "csv"}):
        answer = administrator.get_("custody/inventory", **period, **how)
        assert_problem(answer, 400, "invalid", field)


def test_the_longest_period_is_served(administrator) -> None:
    told(administrator.get_("custody/inventory", **{"from": TODAY.isoformat(),
                                                    "to": "2027-09-06"}))  # fmt: skip


def test_cells_that_a_spreadsheet_would_work_out_are_text() -> None:
    for cell in ("=1", "+1", "-1", "@a", "\t=1", "\r=1"):
        assert harmless(cell) == "'" + cell
    for cell in ("V1", "1-2", "", -1, None):
        assert harmless(cell) == cell


def test_custody_of_another_market_or_another_nurse_is_not_there(town, used) -> None:
    other, nora = World("Boston"), town.as_(town.world.nurse("nora"))
    dora, anna, vial = town.as_(other.dora), town.as_(other.anna), other.vial()
    before = digest_of_all_rows()
    assert_problem(dora.post_(f"custody/{used}/witness"), 404, "not_found", "entry")
    body = {"ug": 1, "reason": "x"}
    assert_problem(anna.post_(f"vials/{town.vial}/discrepancy", body), 404, "not_found", "vial")
    for client in (dora, nora):
        assert_problem(client.get_(f"visits/{town.assigned}/custody"), 404, "not_found", "visit")
    assert [one["id"] for one in told(anna.get_("vials"))["results"]] == [str(vial)]
    assert [one["id"] for one in pages(anna)] == [str(vial)]
    body = {"ug": 1, "reason": "x", "visit": str(town.assigned)}
    answer = anna.post_(f"vials/{vial}/discrepancy", body)
    assert_problem(answer, 404, "not_found", "visit")
    assert digest_of_all_rows() == before
