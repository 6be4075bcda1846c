"""The dispatcher's list of messages: what was given up is seen, and sent again where it may be."""

import pytest

from dispatch import tasking
from dispatch.domain.tasks import TaskKind
from dispatch.models import AuditEntry, LocalMessage, Message, Task
from dispatch.services.cancellation import cancel_visit
from dispatch.services.engine import hold, look_at_database
from tests.api.story import told
from tests.api.town import Town, assert_problem
from workers import work

KEY = {"Idempotency_Key": "a key"}


@pytest.fixture
def dead(town: Town):
    about = town.dead_message
    tasking.open_task(
        TaskKind.MESSAGE_UNDELIVERED, about, market_id=town.market.id, reason="confirmation",
        now=town.now(),
    )  # fmt: skip
    return about


def listed(client, **query) -> list[dict]:
    return told(client.get_("messages", **query))["results"]


def test_the_list_shows_the_messages_of_one_state(town, dead, dispatcher) -> None:
    (line,) = listed(dispatcher, state="dead")
    assert (line["id"], line["state_because"]) == (str(dead), "no_way")
    assert (line["step"], line["channel"], line["receipt"]) == (2, "", "")
    assert {one["state"] for one in listed(dispatcher)} == {"dead", "due"}
    assert len(listed(dispatcher, state="due")) == Message.objects.count() - 1
    assert listed(dispatcher, state="sent") == []
    assert_problem(dispatcher.get_("messages", state="lost"), 400, field="state")


def test_a_dead_message_is_sent_again_as_another_one(town, dead, dispatcher) -> None:
    answer = dispatcher.post_(f"messages/{dead}/again", **KEY)
    assert answer.status_code == 201
    again = Message.objects.get(id=answer.json()["id"])
    assert (again.state, again.step, again.attempts) == ("due", 0, 0)
    assert listed(dispatcher, state="dead") == []
    task = Task.objects.get(kind="message_undelivered")
    assert (task.done_by_id, task.outcome) == (town.bob.user_id, "Sent again.")
    entry = AuditEntry.objects.get(verb="send_again")
    assert (entry.subject, entry.subject_id) == ("message", again.id)
    work.send_messages()
    again.refresh_from_db()
    assert again.state == "sent"
    assert LocalMessage.objects.filter(key__startswith=str(again.id)).count() == 1


def test_sending_again_twice_sends_once(town, dead, dispatcher) -> None:
    first, second = (dispatcher.post_(f"messages/{dead}/again", **KEY) for _ in range(2))
    assert first.json() == second.json()
    assert_problem(dispatcher.post_(f"messages/{dead}/again"), 409, "not_dead")
    assert Message.objects.filter(kind="confirmation", state="due").count() == 1


def test_what_was_not_given_up_is_not_sent_again(town, dead, dispatcher) -> None:
    other = Message.objects.exclude(id=dead).earliest("id")
    assert_problem(dispatcher.post_(f"messages/{other.id}/again"), 409, "not_dead")


def test_what_has_lost_its_reason_meanwhile_goes_to_nobody(town, dead, dispatcher) -> None:
    cancel_visit(town.visit, reason="", expected_version=None, by=town.alice, now=town.now())
    answer = told(dispatcher.post_(f"messages/{dead}/again"), 201)
    work.send_messages()
    again = Message.objects.get(id=answer["id"])
    assert (again.state, again.state_because) == ("withdrawn", "called_off")


def test_the_message_of_another_market_is_nobodys(town, dead) -> None:
    stranger = Town("Boston")
    answer = stranger.as_(stranger.bob).post_(f"messages/{dead}/again")
    assert_problem(answer, 404, "not_found")


def test_a_dispatcher_sees_that_messages_are_held(town, dead, dispatcher) -> None:
    look_at_database()
    card = told(dispatcher.get_("messages/engine"))
    assert (card["held"], card["held_since"], card["dead"]) == (False, None, 1)
    assert card["due"] > 0
    hold(town.now())
    card = told(dispatcher.get_("messages/engine"))
    assert (card["held"], card["held_because"]) == (True, "operator")
