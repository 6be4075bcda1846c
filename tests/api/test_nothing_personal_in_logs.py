"""What the service writes to its log while people book, answer, fail and are refused."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client as Browser

from tests.answers import CLEARED
from tests.api.story import Story
from tests.api.town import STEPS, Town
from workers import reactions, work

NAME, PHONE, ADDRESS = "Quentin Markerman", "+12025550177", "77 Zebrawood Crescent"
NOTES, ANSWER, REASON = "Key under the gnome", "Dr. Marzipan", "a rash like a tulip"
PERSONAL = [NAME, PHONE, PHONE[2:], ADDRESS, NOTES, ANSWER, REASON]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that the service's own handler would write, level and format as in production."""
    root = logging.getLogger()
    (own,) = (one for one in root.handlers if "stderr" in str(one.get_name()))
    copy = logging.StreamHandler(written := io.StringIO())
    copy.setFormatter(own.formatter)
    for one in own.filters:
        copy.addFilter(one)
    root.addHandler(copy)
    yield written
    root.removeHandler(copy)


@pytest.fixture
def story(town: Town) -> Story:
    provider = {"name": ANSWER, "contact": ANSWER}
    return Story(
        town, name=NAME, phone=PHONE, address=ADDRESS, notes=NOTES, reason=REASON, passwords=True,
        answers=CLEARED | {"mental_health_provider": provider},
    )  # fmt: skip


def test_the_main_job_leaves_nothing_personal_in_the_log(story, log) -> None:
    story.prepare()
    story.book()
    story.work()
    link = story.link()
    story.confirm()
    story.make_ready()
    story.work(until="2027-06-08T07:50:00-04:00")
    for action in STEPS:
        story.step(action)
    story.work(until="2027-06-08T20:00:00-04:00")
    assert_nothing_personal(log, [link.rpartition("/")[2]])


def test_refusals_and_faults_leave_nothing_personal_in_the_log(story, log, monkeypatch) -> None:
    story.prepare()
    story.book()

    def fall_over(visit_id, *, now) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setitem(reactions.REACTIONS, next(iter(reactions.REACTIONS)), (fall_over,))
    work.do_all()
    secret = "s" * 43
    assert Browser().get(f"/companion/{secret}").status_code == 404
    assert Browser().get(f"/{secret}/{NAME}").status_code == 404
    for body in (
        {"name": NAME, "phone": PHONE, "patient": NAME}, {"name": NAME + "\x00", "phone": PHONE},
        [NAME], {"phone": NAME},
    ):  # fmt: skip
        assert 400 <= story.alice.post_("companions", body).status_code < 500
    assert story.alice.ask("POST", "companions", text='{"name": "' + NAME).status_code == 400
    assert story.bob.post_("patients/search", {"phone": PHONE}).status_code == 200
    lines = assert_nothing_personal(log, [secret])
    assert any("A request was answered 404" in line for line in lines), "the control: it listens"
    assert any("a reaction failed" in line for line in lines)


def test_a_fault_at_a_door_leaves_nothing_personal_in_the_log(story, log, monkeypatch) -> None:
    from django.db import connection

    from api.views import people

    def fall_over(**_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    story.prepare()
    monkeypatch.setattr(people, "add_companion", fall_over)
    sent = {"name": NAME, "phone": PHONE}
    answer = story.alice.post_("companions", sent, Idempotency_Key="k")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    lines = assert_nothing_personal(log, [])
    assert any("the database failed" in line for line in lines)


def assert_nothing_personal(log: io.StringIO, secrets: list[str]) -> list[str]:
    written = log.getvalue()
    found = [marker for marker in [*PERSONAL, *secrets] if marker in written]
    assert not found, (found, written[:3000])
    return written.splitlines()
