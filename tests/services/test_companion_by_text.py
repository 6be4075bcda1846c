"""The companion's loop by text: asked, answered in free words, replaced; and what is left to a
person."""

from datetime import timedelta

import pytest

from dispatch.models import (
    AuditEntry,
    InboundText,
    Message,
    Task,
    TextReply,
)
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import cancel_visit
from dispatch.services.replies import read_texts
from tests.asked_by_text import Story
from tests.builders import COMPANIONS_PHONE, NOW, PHONE, TOMORROW, at
from tests.texting import STRANGER, write, written_to
from workers import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_plain_yes_opens_the_gate_and_is_thanked_for(story: Story) -> None:
    assert story.gate() == "closed"
    text = write(COMPANIONS_PHONE, "OK, I'll be there!")
    assert (text.understood, text.led_to) == ("yes", "confirmed")
    assert (story.answer(), story.gate()) == ("confirmed", "open")
    assert "we count on you" in written_to(COMPANIONS_PHONE)[-1]
    assert not Task.objects.exists()
    assert AuditEntry.objects.filter(role="companion", verb="confirmed").count() == 1


def test_a_plain_no_is_kept_and_the_patient_hears_of_it(story: Story) -> None:
    text = write(COMPANIONS_PHONE, "Sorry, I can't make it.")
    assert (text.led_to, story.answer(), story.gate()) == ("declined", "declined", "closed")
    assert "cannot be there" in written_to(PHONE)[-1]


def test_the_last_word_counts_and_thanks_invite_a_no_alone(story: Story) -> None:
    write(COMPANIONS_PHONE, "yes")
    written_to(COMPANIONS_PHONE)
    assert write(COMPANIONS_PHONE, "no").led_to == "declined"
    written_to(COMPANIONS_PHONE)
    assert write(COMPANIONS_PHONE, "yes").led_to == "person", "to thanks for a no it says nothing"
    assert story.answer() == "declined"


@pytest.mark.parametrize(
    "body",
    ["ok", "👍", "maybe", "Yes but I can't stay long", "yes?", "Who is this?", "si puedo",
     "I will try", "yes if I get off work", "no problem", "", "   ", "yes [attachment]"],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_a_person(story: Story, body: str) -> None:
    text = write(COMPANIONS_PHONE, body)
    assert (text.led_to, story.answer(), story.gate()) == ("person", "asked", "closed")
    task = Task.objects.get(kind="read_reply")
    assert (task.subject_id, task.role, task.urgent) == (text.id, "dispatcher", False)
    assert (task.patient_id, task.visit_id) == (story.alice.person_id, story.visit)
    assert not body.strip() or body not in task.reason
    assert TextReply.objects.get().template == "read_by_a_person"


def test_a_yes_from_somebody_else_answers_nothing(story: Story) -> None:
    for number in (STRANGER, PHONE):
        assert write(number, "yes").led_to == "person"
    assert story.answer() == "asked"


def test_a_yes_where_two_visits_are_open_is_left_to_a_person(story: Story) -> None:
    other = story.book_another()
    for body in ("yes", "no"):
        assert write(COMPANIONS_PHONE, body).led_to == "person"
    assert {story.answer(), story.answer(other)} == {"asked"}


def test_the_second_question_is_plain_once_the_first_is_answered(story: Story) -> None:
    write(COMPANIONS_PHONE, "yes")
    other = story.book_another()
    assert write(COMPANIONS_PHONE, "yes").led_to == "confirmed"
    assert (story.answer(), story.answer(other)) == ("confirmed", "confirmed")


def test_a_yes_to_the_time_before_is_none_to_the_new_one(story: Story) -> None:
    story.move()
    work.deliver_events()
    assert write(COMPANIONS_PHONE, "yes").led_to == "person"
    assert story.answer() == "asked"


def test_a_no_to_thanks_for_the_time_before_is_none_to_the_new_one(story: Story) -> None:
    write(COMPANIONS_PHONE, "yes")
    written_to(COMPANIONS_PHONE)
    story.move()
    assign_visit(story.visit, now=NOW)
    work.deliver_events()
    assert write(COMPANIONS_PHONE, "no").led_to == "person", "the new time is not told yet"
    assert story.answer() == "asked"


def test_a_yes_to_the_new_time_is_one(story: Story) -> None:
    write(COMPANIONS_PHONE, "yes")
    written_to(COMPANIONS_PHONE)
    story.move()
    assign_visit(story.visit, now=NOW)
    work.deliver_events()
    assert story.gate() == "closed"
    assert "has moved" in written_to(COMPANIONS_PHONE)[-1]
    assert write(COMPANIONS_PHONE, "sí").led_to == "confirmed"
    assert story.gate() == "open"


def test_a_text_from_before_the_new_question_does_not_answer_it(story: Story) -> None:
    """It was written to the old time and is read only after the new one was told."""
    late = write(COMPANIONS_PHONE, "yes", read=False)
    story.move()
    assign_visit(story.visit, now=NOW)
    while work.deliver_events():
        pass
    assert InboundText.objects.get(id=late.id).led_to == "person"
    assert story.answer() == "asked"


def test_what_came_last_has_to_be_the_question(story: Story) -> None:
    """ "OK" and "yes" after news of a delay say that the news was read."""
    Message.objects.filter(kind="companion_request").update(kind="running_late")
    assert write(COMPANIONS_PHONE, "yes").led_to == "person"
    assert story.answer() == "asked"


def test_a_question_that_never_went_out_is_not_answered(story: Story) -> None:
    message = Message.objects.get(kind="companion_request")
    message.tries.update(outcome="Refused", provider_id="")
    assert write(COMPANIONS_PHONE, "yes").led_to == "person"


def test_nobody_answers_for_a_visit_that_was_called_off(story: Story) -> None:
    cancel_visit(story.visit, reason="", expected_version=None, by=story.alice, now=NOW)
    assert write(COMPANIONS_PHONE, "yes").led_to == "person"
    assert story.answer() == "asked"


def test_of_two_texts_the_one_written_last_counts_whichever_is_read_first(story: Story) -> None:
    first = write(COMPANIONS_PHONE, "yes", read=False)
    second = write(COMPANIONS_PHONE, "no", read=False)
    read_texts(second.id, now=NOW)
    read_texts(first.id, now=NOW)
    led_to = InboundText.objects.order_by("received_at").values_list("led_to", flat=True)
    assert (list(led_to), story.answer()) == (["confirmed", "declined"], "declined")


def test_a_text_that_comes_after_a_later_one_was_read_is_left_to_a_person(story: Story) -> None:
    first = write(COMPANIONS_PHONE, "yes", read=False)
    write(COMPANIONS_PHONE, "no")
    InboundText.objects.filter(id=first.id).update(read_at=None)
    read_texts(first.id, now=NOW)
    assert InboundText.objects.get(id=first.id).led_to == "person"
    assert story.answer() == "declined"


def test_thanks_are_kept_and_answered_by_nobody(story: Story) -> None:
    text = write(COMPANIONS_PHONE, "Thank you very much!")
    assert (text.led_to, story.answer()) == ("nothing", "asked")
    assert not Task.objects.exists()
    assert not TextReply.objects.exists()


@pytest.mark.parametrize("body", ["I have chest pain", "no puedo respirar", "Yes, call 911"])
def test_an_emergency_is_urgent_whoever_writes_and_whatever_else_it_says(
    story: Story, body: str
) -> None:
    for number, spanish in ((PHONE, "no" in body), (COMPANIONS_PHONE, False), (STRANGER, False)):
        text = write(number, body)
        assert text.led_to == "urgent"
        assert Task.objects.get(subject_id=text.id).urgent
        assert "911" in written_to(number)[-1]
        assert spanish or "988" in written_to(number)[-1]
    assert story.answer() == "asked"


def test_machines_that_answer_each_other_come_to_an_end(story: Story) -> None:
    for number in range(30):
        write(STRANGER, f"I am away, and will answer soon ({number})")
        write(COMPANIONS_PHONE, f"In an emergency dial 911 ({number})")
    assert len(written_to(STRANGER)) == 1
    answers = [one for one in written_to(COMPANIONS_PHONE) if "911" in one]
    assert len(answers) == 8
    assert InboundText.objects.filter(led_to__in=["person", "urgent"]).count() == 60


def test_a_text_long_after_its_question_is_still_plain(story: Story) -> None:
    story.set_clock(at(20, day=TOMORROW - timedelta(days=1)))
    written_to(COMPANIONS_PHONE)
    last = Message.objects.filter(person_id=story.carl.id, state="sent").order_by("sent_at").last()
    text = write(COMPANIONS_PHONE, "yes")
    assert (last.kind, text.led_to) == ("companion_reminder", "confirmed")
