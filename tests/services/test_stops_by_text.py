"""STOP, START and HELP by text: obeyed at once, confirmed once, and nothing goes in between."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Refused
from dispatch.models import Market, Stop, Task, TextReply
from dispatch.models.clock import database_now
from dispatch.services.replies import MOST_ANSWERS
from tests.builders import COMPANIONS_PHONE, NOW, PHONE, World
from tests.texting import STRANGER, write, written_to
from workers import replying

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    assert world.companion(world.alice)
    return world


def test_a_stop_is_confirmed_once_however_often_it_is_said(world: World) -> None:
    for word in ("STOP", "stop!", "Cancel", "ALTO", "please stop"):
        assert write(PHONE, word).led_to == "stopped"
    assert Stop.objects.count() == 1
    (confirmed,) = written_to(PHONE)
    assert "no more texts" in confirmed


def test_a_stop_is_dated_by_the_markets_clock(world: World) -> None:
    write(PHONE, "STOP")
    write(PHONE, "START")
    stop = Stop.objects.get()
    assert NOW <= stop.stopped_at <= stop.started_at < NOW + timedelta(minutes=5)


def test_start_takes_it_back_and_the_next_stop_is_confirmed_anew(world: World) -> None:
    for word in ("STOP", "START", "STOP", "Unstop"):
        write(PHONE, word)
        written_to(PHONE)
    said = [one.split(".")[0] for one in written_to(PHONE)]
    stopped, started = "You will get no more texts from us", "You will get texts about your visits"
    assert [one[: len(started)] for one in said] == [stopped[: len(started)], started] * 2
    assert not Stop.objects.filter(started_at__isnull=True).exists()


def test_a_yes_after_a_stop_starts_and_answers_nothing(world: World) -> None:
    write(COMPANIONS_PHONE, "STOP")
    text = write(COMPANIONS_PHONE, "Yes")
    assert (text.understood, text.led_to) == ("start", "started")
    assert write(COMPANIONS_PHONE, "Yes").led_to == "person", "there is nothing to say yes to"


def test_after_a_stop_no_other_answer_goes_to_the_number(world: World) -> None:
    write(PHONE, "Who is this?")
    write(PHONE, "STOP")
    (only,) = written_to(PHONE)
    assert "no more texts" in only
    write(PHONE, "hello?")
    assert written_to(PHONE) == [only]
    assert Task.objects.filter(kind="read_reply").count() == 2, "a person reads it all the same"


def test_help_says_who_we_are_and_whom_to_call(world: World) -> None:
    for number, word in ((PHONE, "HELP"), (STRANGER, "ayuda")):
        write(number, word)
        (answer,) = written_to(number)
        assert world.market.office_phone in answer
        assert "911" in answer
    assert "emergencia" in answer


def test_what_the_provider_has_answered_is_not_answered_again(world: World) -> None:
    assert write(PHONE, "STOP", answered=True).led_to == "stopped"
    assert Stop.objects.get().word == "stop"
    assert not TextReply.objects.exists()


class Strict:
    """A provider that lets nothing pass to a number that said STOP, as Twilio does."""

    name, tells = "strict", True

    def send(self, outgoing: Outgoing) -> str:
        raise Refused(f"21610 for {outgoing.key}")


class Down:
    """A provider that fails, until it does not."""

    name, tells = "down", True

    def __init__(self) -> None:
        self.asked: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> str:
        self.asked.append(outgoing)
        if len(self.asked) < 3:
            raise ConnectionError
        return "SM1"


def test_a_provider_that_refuses_the_confirmation_has_said_it_itself(world, monkeypatch) -> None:
    monkeypatch.setattr(replying, "carrier", lambda _: Strict())
    write(PHONE, "STOP")
    write(STRANGER, "Who is this?")
    replying.send_replies()
    assert set(TextReply.objects.values_list("state", flat=True)) == {"dead"}
    undelivered = Task.objects.get(kind="message_undelivered")
    assert undelivered.subject_id == TextReply.objects.get(template="read_by_a_person").id


def test_an_answer_is_tried_again_under_its_key_until_it_goes(world, monkeypatch) -> None:
    provider = Down()
    monkeypatch.setattr(replying, "carrier", lambda _: provider)
    write(STRANGER, "Who is this?")
    for _ in range(3):
        replying.send_replies()
        TextReply.objects.update(retry_at=None)
    reply = TextReply.objects.get()
    assert (reply.state, reply.provider_id, reply.attempts) == ("sent", "SM1", 3)
    assert {one.key for one in provider.asked} == {str(reply.id)}
    assert [one.tried_since for one in provider.asked] == [None, reply.tried_at, reply.tried_at]


def test_an_answer_is_leased_to_one_worker_and_taken_over_when_that_dies(world) -> None:
    write(STRANGER, "Who is this?")
    first = replying.claim_reply("local")
    assert replying.claim_reply("local") is None
    TextReply.objects.update(lease_until=database_now())
    second = replying.claim_reply("local")
    replying.settle_reply(first, "late")
    assert TextReply.objects.get().state == "due"
    replying.settle_reply(second, "ours")
    assert TextReply.objects.get().provider_id == "ours"


def test_of_two_answers_alike_each_is_known_to_the_others_next_try(world, monkeypatch) -> None:
    provider = Down()
    monkeypatch.setattr(replying, "carrier", lambda _: provider)
    write(STRANGER, "HELP")
    replying.send_replies()
    write(STRANGER, "HELP")
    provider.asked *= 2
    replying.send_replies()
    TextReply.objects.update(retry_at=None)
    replying.send_replies()
    assert [one.others for one in provider.asked[2:]] == [frozenset(), frozenset({"SM1"})]


def test_after_many_answers_a_stop_is_confirmed_and_an_emergency_answered(world: World) -> None:
    for _ in range(MOST_ANSWERS + 1):
        write(PHONE, "HELP")
    assert TextReply.objects.count() == MOST_ANSWERS
    for word in ("I want to kill myself", "STOP"):
        write(PHONE, word)
    assert TextReply.objects.filter(template__in=["emergency", "stopped"]).count() == 2


def test_a_machine_that_sends_our_words_back_is_not_answered_for_ever(world: World) -> None:
    for _ in range(MOST_ANSWERS + 2):
        write(STRANGER, "For an emergency call 911.")
    assert TextReply.objects.count() == MOST_ANSWERS
