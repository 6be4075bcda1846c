"""Twilio's own client against a stand-in that does what Twilio documents, and its faults."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.twilio_texts import ON_TRIAL, TwilioTexts
from tests.contract.conftest import HANGS_S, TO, in_time, outgoing
from tests.standin.account import INVALID, NO_TEXTS, UNSUBSCRIBED
from tests.standin.door import Standin
from tests.standin.plan import Fault, Plan
from tests.standin.running import running_standin

SENDER = "+15005550006"


@pytest.fixture
def twilio(settings) -> Iterator[Standin]:
    """Without callbacks: nobody listens at the address that is told."""
    with running_standin(Plan(hang_s=6)) as standin:
        settings.TWILIO_URL, settings.TWILIO_FROM = standin.url, SENDER
        settings.TWILIO_ACCOUNT_SID = standin.account.sid
        settings.TWILIO_AUTH_TOKEN = standin.account.token
        settings.PUBLIC_URL = "http://127.0.0.1:1"
        yield standin


def tried(message):
    """The same message, a try of which may have been accepted a moment ago."""
    return replace(message, tried_since=datetime.now(UTC) - timedelta(seconds=5))


def test_a_text_is_sent_with_the_address_of_our_hook(twilio: Standin) -> None:
    message = outgoing()
    sid = TwilioTexts().send(message)
    (sent,) = twilio.account.messages
    assert (sent.sid, sent.to, sent.sender, sent.body) == (sid, TO, SENDER, message.body)
    assert sent.callback == "http://127.0.0.1:1/api/v1/hooks/texts/twilio"


def test_a_messaging_service_stands_in_for_a_number(twilio: Standin, settings) -> None:
    settings.TWILIO_FROM = "MG" + "0" * 32
    TwilioTexts().send(outgoing())
    assert twilio.account.messages[0].sender == ""


@pytest.mark.parametrize("to", [INVALID, NO_TEXTS, UNSUBSCRIBED, "+1"])
def test_a_number_that_will_never_get_it_is_refused(twilio: Standin, to: str) -> None:
    with pytest.raises(Refused) as refusal:
        TwilioTexts().send(outgoing(to=to))
    assert to not in str(refusal.value)
    assert twilio.account.messages == []


def test_too_many_requests_are_a_wish_to_wait(twilio: Standin) -> None:
    twilio.do_next(Fault.BUSY)
    with pytest.raises(Busy):
        TwilioTexts().send(outgoing())


def test_a_service_that_is_down_is_a_fault_from_outside(twilio: Standin) -> None:
    twilio.do_next(Fault.UNAVAILABLE)
    with pytest.raises(ConnectionError):
        TwilioTexts().send(outgoing())
    assert twilio.account.messages == []


def test_nobody_listening_is_a_fault_from_outside(twilio: Standin, settings) -> None:
    settings.TWILIO_URL = "http://127.0.0.1:1"
    with in_time(), pytest.raises(ConnectionError):
        TwilioTexts().send(outgoing())


def test_wrong_credentials_are_our_fault_and_not_the_numbers(twilio: Standin, settings) -> None:
    settings.TWILIO_AUTH_TOKEN = "another"
    with pytest.raises(PermissionError):
        TwilioTexts().send(outgoing())
    settings.TWILIO_FROM = ""
    settings.TWILIO_AUTH_TOKEN = twilio.account.token
    with pytest.raises(PermissionError):
        TwilioTexts().send(outgoing())


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.HUNG, Fault.LOST])
def test_what_was_accepted_without_a_word_is_found_and_not_sent_again(
    twilio: Standin, fault: Fault, impatient
) -> None:
    message = outgoing()
    twilio.do_next(fault)
    with in_time(HANGS_S - 1), pytest.raises((ConnectionError, TimeoutError)):
        TwilioTexts().send(message)
    impatient()
    before = [one.sid for one in twilio.account.messages]
    sid = TwilioTexts().send(tried(message))
    assert [one.sid for one in twilio.account.messages] == [sid]
    assert before in ([sid], [])
    assert (before == []) == (fault is Fault.LOST)


def test_the_control_without_a_look_it_would_be_sent_twice(twilio: Standin) -> None:
    twilio.do_next(Fault.DROPPED)
    with pytest.raises(ConnectionError):
        TwilioTexts().send(outgoing())
    TwilioTexts().send(outgoing())
    assert len(twilio.account.messages) == 2


def test_a_look_that_fails_sends_nothing(twilio: Standin) -> None:
    for fault in (Fault.UNAVAILABLE, Fault.DROPPED, Fault.BUSY):
        twilio.do_next(fault, method="GET")
        with pytest.raises((ConnectionError, Busy)):
            TwilioTexts().send(tried(outgoing()))
    assert twilio.account.messages == []


def test_another_text_to_the_same_number_is_another_message(twilio: Standin) -> None:
    TwilioTexts().send(outgoing(body="Another."))
    TwilioTexts().send(tried(outgoing()))
    assert len(twilio.account.messages) == 2


def test_what_is_known_to_be_another_message_is_not_taken_for_this_one(twilio: Standin) -> None:
    message = outgoing()
    first, other = TwilioTexts().send(message), TwilioTexts().send(message)
    again = replace(tried(message), others=frozenset({other}))
    assert TwilioTexts().send(again) == first


def test_an_older_text_of_the_same_words_is_another_message(twilio: Standin) -> None:
    TwilioTexts().send(outgoing())
    twilio.account.messages[0].accepted_at -= 3600
    TwilioTexts().send(tried(outgoing()))
    assert len(twilio.account.messages) == 2


def test_find_looks_and_sends_nothing(twilio: Standin) -> None:
    message = outgoing()
    assert TwilioTexts().find(message) is None
    assert twilio.account.messages == []
    sid = TwilioTexts().send(message)
    assert TwilioTexts().find(message) == TwilioTexts().find(tried(message)) == sid


@pytest.mark.parametrize("status", ["failed", "undelivered", "canceled"])
def test_what_could_not_be_brought_does_not_count_as_found(twilio: Standin, status: str) -> None:
    message = outgoing()
    TwilioTexts().send(message)
    twilio.account.change(twilio.account.messages[0], status, 30003)
    assert TwilioTexts().find(message) is None


def test_it_is_found_on_an_account_on_trial(twilio: Standin) -> None:
    sid = TwilioTexts().send(outgoing())
    twilio.account.messages[0].body = ON_TRIAL + outgoing().body
    assert TwilioTexts().find(outgoing()) == sid


def test_a_slow_answer_is_waited_for(twilio: Standin) -> None:
    twilio.follow_plan(Plan(slow=1, slow_s=0.5))
    with in_time():
        TwilioTexts().send(outgoing())


def test_nothing_leaves_once_the_lease_has_ended(twilio: Standin) -> None:
    ended = datetime.now(UTC) - timedelta(milliseconds=1)
    with pytest.raises(TimeoutError):
        TwilioTexts().send(outgoing(good_until=ended))
    assert twilio.account.messages == []


def test_no_number_and_no_text_is_written_to_the_log(twilio: Standin, caplog) -> None:
    caplog.set_level("INFO")
    TwilioTexts().send(tried(outgoing()))
    with pytest.raises(Refused):
        TwilioTexts().send(outgoing(to=INVALID))
    assert TO not in caplog.text
    assert "2025550100" not in caplog.text
    assert "news" not in caplog.text
