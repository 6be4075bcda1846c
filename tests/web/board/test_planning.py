"""The board's dialogs: what would change is shown, applied, refused and put back."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from dispatch.domain.jobs import Cause
from dispatch.models import Absence, AuditEntry, PlanJob, Shift, Visit
from dispatch.selectors.proposals import job_seen_by
from tests.api.town import Town
from tests.builders import ARLINGTON, TOMORROW
from tests.web.signing_in import sign_in, with_password
from web.languages import all_words
from workers import planning

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

DAY = TOMORROW.isoformat()
JOB = re.compile(r"/board/jobs/(plan|repair)/([0-9a-f-]{36})")


@pytest.fixture
def desk(town: Town) -> Client:
    return signed_in(town.bob)


def signed_in(person: Any) -> Client:
    client = Client()
    sign_in(client, with_password(person.user_id))
    client.defaults["HTTP_HX_REQUEST"] = "true"
    return client


def page(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def job_in(text: str) -> tuple[str, str]:
    found = JOB.search(text)
    assert found, text
    return found[1], found[2]


def asked(desk: Client, seconds: int = 1) -> tuple[str, str]:
    return job_in(page(desk.post("/board/plans", {"date": DAY, "seconds": str(seconds)})))


@pytest.mark.parametrize("kind", ["plan", "repair", "absence", "undo"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_each_tool_opens_a_dialog_in_both_languages(town, desk, kind, language) -> None:
    assert town.assigned
    desk.cookies["django_language"] = language
    text = page(desk.get(f"/board/planning/{kind}", {"date": DAY}))
    assert f"{all_words(language)['board_planning'][f'tool_{kind}']} <span" in text
    assert "<dialog" in text


def test_a_plan_is_waited_for_shown_and_applied(town, desk) -> None:
    assert town.assigned
    olga = town.world.nurse("olga", ARLINGTON)
    town.world.shift(olga)
    cause, job = asked(desk)
    assert 'hx-trigger="every' in page(desk.get(f"/board/jobs/{cause}/{job}"))
    planning.work_out_plans()
    shown = page(desk.get(f"/board/jobs/{cause}/{job}"))
    assert "Minutes driven" in shown
    assert 'hx-trigger="every' not in shown
    done = desk.post(f"/board/jobs/{cause}/{job}/accept", {"proposal": "1"})
    assert "Applied" in page(done)
    assert done["HX-Trigger"] == "board:refresh"
    assert PlanJob.objects.get(id=job).state == "accepted"
    assert AuditEntry.objects.filter(verb="accept", subject_id=job).exists()


def test_a_plan_of_a_day_that_changed_meanwhile_says_so_where_it_is_seen(town, desk) -> None:
    assert town.assigned
    cause, job = asked(desk)
    planning.work_out_plans()
    Shift.objects.update(version=99)
    refused = desk.post(f"/board/jobs/{cause}/{job}/accept", {"proposal": "1"})
    assert refused.status_code == 409
    assert refused["HX-Retarget"] == "#planning-refusal"
    assert "plan again" in refused.content.decode()
    assert PlanJob.objects.get(id=job).state == "ready"


def test_a_plan_can_be_stopped_until_it_has_ended(town, desk) -> None:
    cause, job = asked(desk, 60)
    page(desk.post(f"/board/jobs/{cause}/{job}/stop"))
    assert PlanJob.objects.get(id=job).stop_asked
    planning.work_out_plans()
    assert desk.post(f"/board/jobs/{cause}/{job}/stop").status_code == 409


def test_an_absence_shows_who_gets_her_visits_and_is_undone(town, desk) -> None:
    olga = town.world.nurse("olga", ARLINGTON)
    assert town.assigned
    town.world.shift(olga)
    body = {"date": DAY, "nurse": str(town.nina.person_id), "span": "day", "reason": "ill"}
    cause, job = job_in(page(desk.post("/board/absences", body)))
    assert Absence.objects.get().reason == "ill"
    planning.work_out_plans()
    shown = page(desk.get(f"/board/jobs/{cause}/{job}"))
    assert "alice" in shown
    assert "olga" in shown
    page(desk.post(f"/board/jobs/{cause}/{job}/accept", {"proposal": "1"}))
    assert Visit.objects.get().reservation.nurse_id == olga.person_id
    assert "Put everything back" in page(desk.get("/board/planning/undo", {"date": DAY}))
    assert "as it did before" in page(desk.post(f"/board/jobs/{cause}/{job}/undo"))
    assert Visit.objects.get().reservation.nurse_id == town.nina.person_id
    assert desk.post(f"/board/jobs/{cause}/{job}/undo").status_code == 409


def test_an_absence_for_some_hours_that_nobody_counts_on(town, desk) -> None:
    body = {"date": DAY, "nurse": str(town.nina.person_id), "span": "hours"}
    told = page(desk.post("/board/absences", body | {"from": "15:00", "until": "18:00"}))
    assert "nothing to repair" in told


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("plans", {"date": "2027-13-01", "seconds": "5"}, "date"),
        ("plans", {"date": "9999-01-01", "seconds": "5"}, "date"),
        ("plans", {"date": "2020-01-01", "seconds": "5"}, "date"),
        ("plans", {"date": DAY, "seconds": "0"}, "seconds"),
        ("plans", {"date": DAY, "seconds": "x"}, "seconds"),
        ("plans", {"date": DAY, "seconds": "9" * 99}, "seconds"),
        ("repairs", {"date": DAY, "visit": "x"}, "visit"),
        ("repairs", {"date": DAY, "visit": str(uuid4()), "until": "25:00"}, "until"),
        ("absences", {"date": DAY, "nurse": "nobody"}, "nurse"),
        ("absences", {"date": DAY, "span": "hours", "from": "x"}, "nurse"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(desk, address, body, field) -> None:
    refused = desk.post(f"/board/{address}", body)
    assert refused.status_code == 422
    assert f'data-field="{field}"' in refused.content.decode()
    assert not PlanJob.objects.exists()
    assert not Absence.objects.exists()


@pytest.mark.parametrize("times", [("12:00", "11:00"), ("", "11:00"), ("12:00", "24:61")])
def test_hours_of_an_absence_are_checked(town, desk, times) -> None:
    body = {"date": DAY, "nurse": str(town.nina.person_id), "span": "hours"}
    refused = desk.post("/board/absences", body | dict(zip(("from", "until"), times, strict=True)))
    assert refused.status_code == 422


def test_what_is_of_another_market_is_not_there(town, desk) -> None:
    other = Town("Elsewhere")
    theirs = other.asked_plan
    for address in (f"plan/{theirs}", f"repair/{theirs}", f"plan/{uuid4()}", f"other/{theirs}"):
        assert desk.get(f"/board/jobs/{address}").status_code == 404
        for verb in ("stop", "accept", "undo"):
            answer = desk.post(f"/board/jobs/{address}/{verb}", {"proposal": "1"})
            assert answer.status_code == 404, (address, verb)
    body = {"date": DAY, "nurse": str(other.nina.person_id), "span": "day"}
    assert desk.post("/board/absences", body).status_code == 404
    assert desk.get("/board/planning/else").status_code == 404
    assert PlanJob.objects.get().state == "queued"


@pytest.mark.parametrize("who", ["alice", "nina", "dora"])
def test_only_the_desk_plans_and_sees_the_map(town, who) -> None:
    client = signed_in(getattr(town, who))
    for address in ("planning/plan", "map", f"jobs/plan/{town.asked_plan}"):
        assert client.get(f"/board/{address}").status_code in {204, 302}
    assert client.post("/board/plans", {"date": DAY, "seconds": "1"}).status_code == 302
    assert PlanJob.objects.count() == 1


def test_a_job_that_failed_says_so(town, desk) -> None:
    cause, job = asked(desk)
    PlanJob.objects.update(state="failed")
    assert "could not do this" in page(desk.get(f"/board/jobs/{cause}/{job}"))
    assert job_seen_by(town.bob, job, Cause.PLAN).state == "failed"
