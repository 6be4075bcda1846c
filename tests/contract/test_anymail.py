"""Anymail's own backends against a stand-in that answers as Resend, and Mailgun, document."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.emails import AnymailEmails
from tests.contract.conftest import HANGS_S, in_time, outgoing
from tests.contract.provider import Answer, Provider, running

MAIL = "alice@example.org"
QUEUED = {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}
MESSAGE_ID = "<01a@mg.example.org>"


@pytest.fixture
def resend(settings) -> Iterator[Provider]:
    with running(Answer(body=QUEUED)) as provider:
        provider.heeds_keys = True
        settings.EMAIL_BACKEND = "anymail.backends.resend.EmailBackend"
        settings.DEFAULT_FROM_EMAIL = "Visits <visits@mg.example.org>"
        settings.EMAILS_HOOK_SECRET = "whsec_x"
        settings.ANYMAIL = {"RESEND_API_KEY": "key", "RESEND_API_URL": provider.url}
        yield provider


@pytest.fixture
def mailgun(settings) -> Iterator[Provider]:
    with running(Answer(body={"id": MESSAGE_ID, "message": "Queued. Thank you."})) as provider:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.DEFAULT_FROM_EMAIL = "Visits <visits@mg.example.org>"
        settings.EMAILS_HOOK_SECRET = "whsec_x"
        settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_API_URL": f"{provider.url}/v3"}
        yield provider


def test_a_mail_is_handed_over_in_plain_text_with_the_id_of_its_key(resend: Provider) -> None:
    message = outgoing(to=MAIL)
    assert AnymailEmails().send(message) == QUEUED["id"]
    (asked,) = resend.accepted
    mail = json.loads(asked.body)
    assert (mail["to"], mail["subject"], mail["text"]) == ([MAIL], "Your visit", message.body)
    assert mail["headers"]["Message-ID"] == MESSAGE_ID
    assert "html" not in mail
    assert asked.headers["Idempotency-Key"] == message.key


def test_it_tells_where_we_understand_its_hook_and_the_hook_is_open(
    resend: Provider, settings
) -> None:
    assert (AnymailEmails().name, AnymailEmails().tells) == ("resend", True)
    settings.EMAILS_HOOK_SECRET = ""
    assert not AnymailEmails().tells


def test_of_a_long_id_as_much_is_kept_as_there_is_room_for(resend: Provider) -> None:
    resend.do_next(Answer(body={"id": "x" * 200}))
    assert AnymailEmails().send(outgoing(to=MAIL)) == "x" * 128


def test_another_provider_is_a_matter_of_settings(mailgun: Provider) -> None:
    assert (AnymailEmails().name, AnymailEmails().tells) == ("mailgun", False)
    assert AnymailEmails().send(outgoing(to=MAIL)) == MESSAGE_ID
    assert mailgun.accepted[0].path == "/v3/mg.example.org/messages"
    assert b"Your+visit" in mailgun.accepted[0].body
    mailgun.do_next(Answer(404, {"message": "Domain not found: mg.example.org"}))
    with pytest.raises(PermissionError):
        AnymailEmails().send(outgoing(to=MAIL))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, {"message": "to parameter is not a valid address"}), Refused),
        (Answer(401, {"message": "Forbidden"}), PermissionError),
        (Answer(403, {"message": "Forbidden"}), PermissionError),
        (Answer(404, {"message": "not found"}), PermissionError),
        (Answer(409, {"name": "concurrent_idempotent_requests"}), ConnectionError),
        (Answer(429, {"message": "Too many requests"}, {"Retry-After": "7"}), Busy),
        (Answer(503, {"message": "down"}), ConnectionError),
        (Answer(302, headers={"Location": "/elsewhere"}), ConnectionError),
        (Answer(200, {"object": "email"}), ConnectionError),
        (Answer(200, body=QUEUED, drop=True), ConnectionError),
    ],
    ids=lambda one: "" if isinstance(one, type) else f"{one.status}",
)
def test_each_answer_has_its_meaning(resend: Provider, answer: Answer, kind: type) -> None:
    resend.do_next(answer)
    with in_time(), pytest.raises(kind) as fault:
        AnymailEmails().send(outgoing(to=MAIL))
    assert MAIL not in repr(fault.value)
    assert resend.asked == 1, "nothing is tried again behind our back"
    if isinstance(fault.value, Busy):
        assert fault.value.wait_s == 7


@pytest.mark.parametrize("slow", [{"wait_s": 10}, {"drip_s": 0.2}], ids=["hangs", "drips"])
def test_a_provider_that_hangs_is_left_in_time(resend: Provider, slow, impatient) -> None:
    resend.do_next(Answer(200, QUEUED, **slow))
    with in_time(HANGS_S - 1), pytest.raises(TimeoutError):
        AnymailEmails().send(outgoing(to=MAIL))


def test_an_address_that_is_none_is_refused(resend: Provider) -> None:
    with pytest.raises(Refused):
        AnymailEmails().send(outgoing(to="alice at home"))
    assert resend.asked == 0


def test_accepted_and_dropped_is_not_sent_again_under_its_key(resend: Provider) -> None:
    resend.do_next(Answer(body=QUEUED, drop=True))
    with pytest.raises(ConnectionError):
        AnymailEmails().send(outgoing(to=MAIL))
    assert AnymailEmails().send(outgoing(to=MAIL)) == QUEUED["id"]
    assert len(resend.accepted) == 1


def test_the_control_without_keys_it_arrives_twice_as_the_same_mail(resend: Provider) -> None:
    resend.heeds_keys = False
    resend.do_next(Answer(body=QUEUED, drop=True))
    with pytest.raises(ConnectionError):
        AnymailEmails().send(outgoing(to=MAIL))
    AnymailEmails().send(outgoing(to=MAIL))
    ids = [json.loads(one.body)["headers"]["Message-ID"] for one in resend.accepted]
    assert ids == [MESSAGE_ID, MESSAGE_ID]


def test_a_key_under_which_other_words_were_accepted_is_refused(resend: Provider) -> None:
    AnymailEmails().send(outgoing(to=MAIL))
    with pytest.raises(Refused):
        AnymailEmails().send(outgoing(to=MAIL, body="Other words."))
    assert len(resend.accepted) == 1


def test_nothing_leaves_once_the_lease_has_ended(resend: Provider) -> None:
    ended = datetime.now(UTC) - timedelta(milliseconds=1)
    with pytest.raises(TimeoutError):
        AnymailEmails().send(outgoing(to=MAIL, good_until=ended))
    assert resend.asked == 0
