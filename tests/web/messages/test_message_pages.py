"""The preview of messages: a day of them, the very words of one, and the texts of every rule."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.domain.ids import new_id
from dispatch.domain.messages import Kind
from dispatch.models import AuditEntry, LocalMessage, Message
from dispatch.selectors import message_day
from dispatch.selectors.message_day import Progress, messages_on
from dispatch.selectors.message_words import message_words
from dispatch.services.cancellation import cancel_visit
from tests.api.town import Town
from tests.builders import NOW, PHONE, TODAY, TOMORROW, at
from tests.texting import write
from tests.web.messages.reading import (
    LINE,
    bodies,
    browser_of,
    lines,
    page_of,
    text,
    without_secret,
)
from workers import work

pytestmark = pytest.mark.django_db


def test_a_day_stands_in_the_order_of_time_with_names_and_ways(town: Town, bob: Client) -> None:
    work.send_messages()
    shown = [*Message.objects.filter(id__in=[own for own, _ in lines(bob)])]
    moments = {str(one.id): one.sent_at or one.due_at for one in shown}
    ids = [own for own, _ in lines(bob)]
    assert [moments[one] for one in ids] == sorted(moments.values())
    assert {state for _, state in lines(bob)} >= {"due", "delivered"}
    page = page_of(bob)
    assert "alice" in page
    assert f"#visit-{town.visit}" in page
    assert "nobody can be reached" not in page
    assert len(lines(bob, date=TOMORROW.isoformat())) > 1
    assert lines(bob, date="2031-01-01") == []


def test_the_way_that_is_shown_is_the_one_it_would_take(town: Town, bob: Client) -> None:
    write(PHONE, "STOP")
    (line,) = messages_on(town.bob, TODAY, kind=Kind.CONFIRMATION).lines
    assert (line.progress, line.channel) == (Progress.DUE, "")
    assert "nobody can be reached" in page_of(bob, kind="confirmation")
    confirmation = Message.objects.get(kind="confirmation")
    assert "no way leads to them" in text(bob, confirmation)


def test_what_the_preview_says_is_what_the_provider_is_given(town: Town, bob: Client) -> None:
    """Byte for byte but for what opens a link, for all until two hours before the visit."""
    seen: list[str] = []
    for moment in (NOW, at(18, day=TODAY), at(8, 1), at(11)):
        town.set_clock(moment)
        due_now = Message.objects.filter(state="due", due_at__lte=town.now()).exclude(kind="task")
        said = {str(one.id): bodies(text(bob, one)) for one in due_now}
        work.send_messages()
        for own, words in said.items():
            given = [row.body for row in LocalMessage.objects.filter(key__startswith=own)]
            assert words == [*map(without_secret, given)], Message.objects.get(id=own).template
            seen += given
    sent = Message.objects.filter(state="sent").exclude(kind="task")
    assert len(seen) == sent.count() >= 4
    for one in sent:
        assert bodies(text(bob, one)) == [without_secret(one.tries.get().body)]
    assert {without_secret(one) for one in seen} != {*seen}


def test_nothing_that_the_desk_reads_opens_a_link(town: Town, bob: Client) -> None:
    work.send_messages()
    sent = [one.body for one in LocalMessage.objects.all() if "/m/" in one.body]
    secrets = [re.search(r"/m/(\S+)", one)[1] for one in sent]
    assert secrets
    inspected = bob.get(f"/board/visits/{town.visit}").content.decode()
    assert "/m/…" in inspected
    assert not [one for one in secrets if one in inspected]


def test_what_has_lost_its_reason_says_so_before_it_is_sent(town: Town, bob: Client) -> None:
    one = Message.objects.get(kind="confirmation")
    cancel_visit(town.visit, reason="", expected_version=None, by=town.alice, now=town.now())
    assert "nothing goes out: called off" in text(bob, one)
    work.send_messages()
    assert (str(one.id), "withdrawn") in lines(bob)
    assert "Nothing went out." in text(bob, one)


def test_a_look_at_the_words_changes_nothing_and_is_written_down(town: Town, bob: Client) -> None:
    one = Message.objects.get(kind="confirmation")
    before = Message.objects.filter(id=one.id).values().get()
    assert re.search(r"text · to \S+ · \d parts?<", text(bob, one))
    assert Message.objects.filter(id=one.id).values().get() == before
    entry = AuditEntry.objects.filter(operation="GET messages/<uuid:message_id>").get()
    assert (entry.subject, entry.subject_id) == ("message", one.id)
    page_of(bob)
    assert AuditEntry.objects.filter(operation="GET messages/").exists()


def test_states_and_kinds_choose_and_the_counts_stay_those_of_the_day(town: Town) -> None:
    work.send_messages()
    whole = messages_on(town.bob, TODAY)
    assert sum(whole.counts.values()) == len(whole.lines)
    for progress in Progress:
        found = messages_on(town.bob, TODAY, progress=progress)
        assert {one.progress for one in found.lines} <= {progress}
        assert len(found.lines) == whole.counts.get(progress, 0)
        assert found.counts == whole.counts
    kinds = messages_on(town.bob, TODAY, kind=Kind.CONFIRMATION)
    assert [one.kind for one in kinds.lines] == ["confirmation"]


@pytest.mark.parametrize(
    ("row", "progress"),
    [
        ({"state": "due", "state_because": "Busy"}, "failing"),
        ({"state": "due", "state_because": "asked_after_restore"}, "due"),
        ({"state": "sent", "receipt": "", "sent_at": NOW}, "sent"),
        ({"state": "sent", "receipt": "delivered", "sent_at": NOW}, "delivered"),
        ({"state": "dead", "state_because": "failed"}, "dead"),
    ],
)
def test_each_row_is_in_one_state(town: Town, row: dict[str, Any], progress: str) -> None:
    Message.objects.filter(kind="confirmation").update(**row)
    (line,) = messages_on(town.bob, TODAY, kind=Kind.CONFIRMATION).lines
    assert line.progress == progress


def test_a_long_day_is_shown_in_parts_without_loss(town: Town, bob: Client, monkeypatch) -> None:
    monkeypatch.setattr(message_day, "MOST", 2)
    Message.objects.update(due_at=NOW)
    found, address = [], "/messages/"
    while address:
        page = bob.get(address).content.decode()
        found += [own for own, _ in LINE.findall(page)]
        more = re.search(r'class="more".*?href="([^"]+)"', page, re.DOTALL)
        address = f"/messages/{unescape(more[1])}" if more else ""
    assert len(found) == len(set(found)) == Message.objects.count() > 4


def test_many_messages_take_as_many_queries_as_few(town: Town) -> None:
    Message.objects.update(due_at=NOW)
    few = queries(town)
    for one in list(Message.objects.all()):
        for _ in range(4):
            one.id, one.about_id = new_id(), new_id()
            one.save(force_insert=True)
    assert queries(town) == few <= 20


def queries(town: Town) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        messages_on(town.bob, TODAY)
    return len(asked)


def test_of_another_market_nothing_is_shown(town: Town, bob: Client) -> None:
    boston = Town("Boston")
    assert boston.dead_message
    own = {str(one) for one in Message.objects.filter(market=town.market).values_list("id", flat=1)}
    for day in (TODAY, TOMORROW):
        assert {one for one, _ in lines(bob, date=day.isoformat())} <= own
    for path, ask in ((f"/messages/{boston.dead_message}", bob.get),
                      (f"/messages/{boston.dead_message}/again", bob.post)):  # fmt: skip
        assert ask(path).status_code == 404
    assert Message.objects.get(id=boston.dead_message).state == "dead"


def test_an_administrator_sees_the_lines_and_no_words(town: Town) -> None:
    """They are led home from the words, as from every room that is not theirs."""
    anna = browser_of(town.anna)
    page = page_of(anna)
    assert LINE.findall(page)
    assert "<details" not in page
    assert "carl" not in page
    one = Message.objects.get(kind="confirmation")
    for answer in (anna.get(f"/messages/{one.id}"), anna.post(f"/messages/{one.id}/again")):
        assert (answer.status_code, answer["Location"]) == (302, "/")
    with pytest.raises(Exception, match="no such message"):
        message_words(town.anna, one.id, now=NOW)


def test_what_was_given_up_is_sent_again_from_here(town: Town, bob: Client) -> None:
    dead = town.dead_message
    assert lines(bob, state="dead") == [(str(dead), "dead")]
    where = {"date": TODAY.isoformat(), "state": "dead", "kind": ""}
    answer = bob.post(f"/messages/{dead}/again", where)
    assert answer.status_code == 303
    assert answer["Location"] == f"/messages/?date={TODAY}&state=dead&done=again"
    assert "It is sent again." in bob.get(answer["Location"]).content.decode()
    assert lines(bob, state="dead") == []
    assert bob.post(f"/messages/{dead}/again", where).status_code == 409
    assert bob.post(f"/messages/{uuid4()}/again", where).status_code == 404
    assert bob.get(f"/messages/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("date", "soon"), ("date", "9999-01-01"), ("state", "lost"), ("kind", "spam"),
        ("after", "1"), ("after", "99999999999999999.x"), ("after", "1.x"), ("after", "x.y"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_names_its_field(bob: Client, name: str, wrong: str) -> None:
    answer = bob.get("/messages/", {name: wrong}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert f'data-field="{name}"' in answer.content.decode()
