"""The companion's loop by text: asked, answered in free words, replaced; and what is left to a
person."""

from datetime import timedelta

import pytest

from dispatch.domain.gates import GateName
from dispatch.models import (
    AuditEntry,
    Companion,
    CompanionRequest,
    InboundText,
    Market,
    Message,
    Task,
    TextReply,
    Visit,
)
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index
from dispatch.selectors.gates import gates_of
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.replies import read_texts
from tests.builders import COMPANIONS_PHONE, NOW, PHONE, TOMORROW, World, at
from tests.texting import STRANGER, write, written_to
from workers import work

pytestmark = pytest.mark.django_db

SISTERS_PHONE = "+12025550123"


class Story:
    """Alice's visit tomorrow at ten, with Carl asked to stay by text."""

    def __init__(self, companion: bool = True) -> None:
        self.world = World()
        self.set_clock(NOW)
        self.alice, self.nina = self.world.alice, self.world.nurse("nina")
        self.world.shift(self.nina)
        self.carl = self.world.companion(self.alice) if companion else None
        self.home = self.world.home(self.alice)
        self.visit = self.book(10)

    def set_clock(self, now) -> None:
        offset = now - database_now()
        Market.objects.filter(id=self.world.market.id).update(clock_offset=offset)

    def book(self, hour: int, day=TOMORROW):
        visit = self.world.book(self.home, self.alice, at(hour, day=day), companion=self.carl)
        assign_visit(visit, now=NOW)
        work.deliver_events()
        work.send_messages()
        return visit

    def answer(self, visit=None) -> str:
        asked = CompanionRequest.objects.get(visit=visit or self.visit, replaced_at__isnull=True)
        return asked.answer

    def gate(self) -> str:
        visit = Visit.objects.get(id=self.visit)
        found = gates_of(visit, now=NOW)
        return next(one.state.value for one in found if one.name is GateName.COMPANION)

    def book_another(self):
        """Three days later."""
        day = TOMORROW + timedelta(days=3)
        self.world.shift(self.nina, day)
        return self.book(10, day)

    def move(self) -> None:
        """To two in the afternoon."""
        (slot,) = (one for one in self.world.slots(self.home) if one.start == at(14))
        hold = self.world.hold(slot, self.home, self.alice)
        reschedule_visit(self.visit, hold, expected_version=None, by=self.alice, now=NOW)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def alone() -> Story:
    """Nobody is named, and Alice has been told that somebody is needed."""
    return Story(companion=False)


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


def test_whoever_is_named_with_a_number_is_asked(alone: Story) -> None:
    text = write(PHONE, "My sister drives, 202 555 0123")
    assert (text.understood, text.led_to) == ("names", "asked")
    sister = Companion.objects.get(phone_index=blind_index(SISTERS_PHONE))
    assert (sister.name, sister.phone) == ("sister", SISTERS_PHONE)
    work.deliver_events()
    assert "Please confirm or decline" in written_to(SISTERS_PHONE)[-1]
    assert write(SISTERS_PHONE, "Yes, I can do that").led_to == "confirmed"
    assert alone.gate() == "open"
    named = AuditEntry.objects.get(verb="name_by_text")
    assert (named.role, named.subject_id) == ("patient", alone.visit)


def test_a_number_that_is_missing_is_asked_for(alone: Story) -> None:
    assert write(PHONE, "mi hermana maneja").led_to == "number_wanted"
    assert "número de teléfono" in written_to(PHONE)[-1]
    assert write(PHONE, "(202) 555-0123").led_to == "asked"
    sister = Companion.objects.get()
    assert (sister.name, sister.phone) == ("sister", SISTERS_PHONE)


@pytest.mark.parametrize(
    "body",
    ["202 555 0123", "My sister can't drive", "My sister or my brother, 202 555 0123",
     "My sister drives?", f"My sister drives, {PHONE}", "My sister 202 555 0123, 202 555 0124"],
)  # fmt: skip
def test_nobody_is_asked_on_words_that_are_not_plain(alone: Story, body: str) -> None:
    assert write(PHONE, body).led_to == "person"
    assert not Companion.objects.exists()
    assert alone.gate() == "closed"


def test_whoever_declined_is_replaced_by_text_and_the_next_is_asked(story: Story) -> None:
    write(COMPANIONS_PHONE, "no puedo")
    assert "cannot be there" in written_to(PHONE)[-1]
    assert write(PHONE, "my neighbor will drive me home: 2025550123").led_to == "asked"
    work.deliver_events()
    written_to(SISTERS_PHONE)
    assert story.gate() == "closed"
    assert write(COMPANIONS_PHONE, "yes").led_to == "person", "nobody asks Carl any more"
    assert write(SISTERS_PHONE, "Yes I can drive her home. Thanks").led_to == "confirmed"
    assert story.gate() == "open"


def test_whoever_has_said_yes_is_not_replaced_by_a_text(story: Story) -> None:
    write(COMPANIONS_PHONE, "yes")
    assert write(PHONE, "my sister drives, 202 555 0123").led_to == "person"
    assert (story.answer(), story.gate()) == ("confirmed", "open")


def test_two_visits_without_anybody_are_left_to_a_person(alone: Story) -> None:
    alone.book_another()
    Message.objects.filter(kind="companion_missing").update(kind="running_late")
    assert write(PHONE, "my sister drives, 202 555 0123").led_to == "person"
    assert not Companion.objects.exists()


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
    assert (last.kind, text.led_to) == ("companion_request", "confirmed")
