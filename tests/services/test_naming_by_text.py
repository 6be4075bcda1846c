"""A patient names by text who stays or drives: known by a number, asked at once, replaced."""

import pytest

from dispatch.models import AuditEntry, Companion, ContactConsent, Message
from dispatch.models.encrypted import blind_index
from tests.asked_by_text import Story
from tests.builders import COMPANIONS_PHONE, PHONE
from tests.texting import write, written_to
from workers import work

pytestmark = pytest.mark.django_db

SISTERS_PHONE = "+12025550123"


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def alone() -> Story:
    """Nobody is named, and Alice has been told that somebody is needed."""
    return Story(companion=False)


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
    assert "Si esa persona acepta recibir mensajes" in written_to(PHONE)[-1]
    assert write(PHONE, "(202) 555-0123").led_to == "asked"
    sister = Companion.objects.get()
    assert (sister.name, sister.phone) == ("sister", SISTERS_PHONE)
    consent = ContactConsent.objects.get(person_id=sister.id)
    assert consent.wording == "named_by_text.en.1"


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
