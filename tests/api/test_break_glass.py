"""Breaking glass: what it opens, to whom and for how long, and who is told."""

from uuid import uuid4

import pytest

from dispatch.models import AuditEntry, BrokenGlass
from tests.api.clinic import EMERGENCY
from tests.api.town import Town, assert_problem, digest_of_all_rows
from tests.builders import at

ALERTED = {"anna": "review_broken_glass", "dora": "glass_broken"}


def opened(town: Town, who: str, **more):
    body = {"patient": str(town.alice.person_id), "reason": EMERGENCY} | more
    return town.as_(getattr(town, who)).post_("break-glass", body)


def record(town: Town, who: str, glass: object):
    return town.as_(getattr(town, who)).get_(f"break-glass/{glass}/record")


@pytest.mark.parametrize("who", ["nina", "bob", "dora", "anna"])
def test_staff_open_a_record_with_a_reason_and_read_it(town: Town, who) -> None:
    assert town.visit
    assert town.for_agreement
    glass = opened(town, who).json()
    assert glass["holds"]
    answer = record(town, who, glass["id"])
    assert answer.status_code == 200
    shown = answer.json()
    assert {one["question"] for one in shown["answers"]} >= {"benzodiazepines"}
    assert [one["id"] for one in shown["screenings"]] == [str(town.for_agreement)]
    assert shown["screenings"][0]["reasons"]
    assert [one["visit"] for one in shown["visits"]] == [str(town.visit)]
    assert [one["kind"] for one in shown["medication"]] == ["agree_medication"]


def test_who_has_it_open_gets_the_same_again(town: Town) -> None:
    first, again = (opened(town, "nina").json() for _ in range(2))
    assert (again["id"], again["until"]) == (first["id"], first["until"])
    assert BrokenGlass.objects.count() == 1
    town.as_(town.nina).post_(f"break-glass/{first['id']}/end")
    assert opened(town, "nina").json()["id"] != first["id"]


def test_administrators_and_clinicians_are_told_at_once(town: Town) -> None:
    glass = opened(town, "nina").json()["id"]
    for who, kind in ALERTED.items():
        (task,) = town.as_(getattr(town, who)).get_("tasks").json()["results"]
        assert (task["kind"], task["subject"], task["urgent"]) == (kind, glass, True)
        assert task["reason"] == EMERGENCY
    listed = town.as_(town.anna).get_("break-glass").json()["results"]
    assert [one["id"] for one in listed] == [glass]


def test_it_stays_on_the_list_until_another_administrator_has_reviewed_it(town: Town) -> None:
    glass, own = (opened(town, who).json()["id"] for who in ("nina", "anna"))
    anna = town.as_(town.anna)
    finding = {"finding": "There was reason to."}
    assert_problem(anna.post_(f"break-glass/{own}/review", finding), 409, "own_glass")
    (task,) = (one for one in anna.get_("tasks").json()["results"] if one["subject"] == glass)
    ticked = anna.post_(f"tasks/{task['id']}/done", {"outcome": "seen"})
    assert_problem(ticked, 409, "ends_by_its_deed")
    assert anna.post_(f"break-glass/{glass}/review", finding).status_code == 200
    assert_problem(anna.post_(f"break-glass/{glass}/review", finding), 409, "reviewed")
    assert [one["subject"] for one in anna.get_("tasks").json()["results"]] == [own]


def test_every_use_is_noted(town: Town) -> None:
    glass = opened(town, "nina").json()["id"]
    for _ in range(2):
        record(town, "nina", glass)
    town.as_(town.nina).post_(f"break-glass/{glass}/end")
    noted = AuditEntry.objects.filter(subject="broken_glass", subject_id=glass).order_by("id")
    assert list(noted.values_list("verb", flat=True)) == ["break", "look", "look", "end"]
    assert set(noted.values_list("user_id", flat=True)) == {town.nina.user_id}


@pytest.mark.parametrize("reason", ["", "   ", "help", " 123456789 ", "x" * 2001])
def test_without_a_reason_nothing_opens(town: Town, reason) -> None:
    before = digest_of_all_rows()
    assert_problem(opened(town, "bob", reason=reason), 400, "invalid", "reason")
    assert digest_of_all_rows() == before


@pytest.mark.parametrize("minutes", [0, -1, 61, 2**31])
def test_it_is_open_for_an_hour_at_most(town: Town, minutes) -> None:
    before = digest_of_all_rows()
    assert_problem(opened(town, "bob", minutes=minutes), 400, "invalid", "minutes")
    assert digest_of_all_rows() == before


def test_a_patient_of_another_market_is_no_patient(town: Town) -> None:
    other = Town("Elsewhere")
    before = digest_of_all_rows()
    answers = [opened(town, "bob", patient=str(one)) for one in (other.alice.person_id, uuid4())]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert digest_of_all_rows() == before


def test_nobody_else_reads_through_it(town: Town) -> None:
    glass, other = town.broken, Town("Elsewhere")
    for who in (town.anna, town.dora, town.nina, other.bob, other.anna):
        client = town.as_(who)
        seen, missing = (client.get_(f"break-glass/{one}/record") for one in (glass, uuid4()))
        assert (seen.status_code, seen.content) == (404, missing.content)
    assert town.as_(town.alice).get_(f"break-glass/{glass}/record").status_code == 403
    assert not AuditEntry.objects.filter(verb="look").exists()


def test_what_is_over_opens_nothing(town: Town) -> None:
    town.set_clock(at(8))
    short, closed = (opened(town, who, minutes=5).json()["id"] for who in ("bob", "nina"))
    town.as_(town.nina).post_(f"break-glass/{closed}/end")
    assert record(town, "bob", short).status_code == 200
    assert record(town, "nina", closed).status_code == 404
    town.set_clock(at(8, 6))
    assert record(town, "bob", short).status_code == 404


def test_an_administrator_closes_what_somebody_else_opened(town: Town) -> None:
    glass = town.broken
    assert town.as_(town.dora).post_(f"break-glass/{glass}/end").status_code == 404
    assert town.as_(town.anna).post_(f"break-glass/{glass}/end").json()["holds"] is False
    assert record(town, "bob", glass).status_code == 404


def test_the_reason_is_kept_encrypted(town: Town) -> None:
    from django.db import connection

    assert town.broken
    with connection.cursor() as cursor:
        cursor.execute("SELECT broken_glass::text FROM broken_glass")
        assert EMERGENCY not in str(cursor.fetchall())
    assert BrokenGlass.objects.get().reason == EMERGENCY
