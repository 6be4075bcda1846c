"""Anymail's own backend for Mailgun against a stand-in that answers as Mailgun documents."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.emails import AnymailEmails, message_id
from tests.contract.conftest import in_time, outgoing
from tests.contract.provider import Answer, Provider, running

MAIL = "alice@example.org"
QUEUED = {"id": "<20270607.1.ABC@mg.example.org>", "message": "Queued. Thank you."}


@pytest.fixture
def mailgun(settings) -> Iterator[Provider]:
    with running(Answer(body=QUEUED)) as provider:
        settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
        settings.DEFAULT_FROM_EMAIL = "Visits <visits@mg.example.org>"
        settings.ANYMAIL = {
            "MAILGUN_API_KEY": "key",
            "MAILGUN_API_URL": f"{provider.url}/v3",
            "WEBHOOK_SECRET": "hook:secret",
        }
        yield provider


def message_ids(provider: Provider) -> list[str]:
    return [re.findall(rb"<01a[^>]*>|%3C01a\S*?%3E", one.body)[0].decode()
            for one in provider.accepted]  # fmt: skip


def test_a_mail_is_handed_over_in_plain_text_with_the_id_of_its_key(mailgun: Provider) -> None:
    carrier = AnymailEmails()
    assert carrier.send(outgoing(to=MAIL)) == QUEUED["id"]
    (asked,) = mailgun.accepted
    assert asked.path == "/v3/mg.example.org/messages"
    assert b"Your+visit" in asked.body
    assert b"html" not in asked.body
    assert message_ids(mailgun) == ["%3C01a%40mg.example.org%3E"]
    assert message_id("01a") == "<01a@mg.example.org>"


def test_it_tells_where_its_hooks_have_a_secret(mailgun: Provider, settings) -> None:
    assert (AnymailEmails().name, AnymailEmails().tells) == ("mailgun", True)
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": ""}
    assert not AnymailEmails().tells


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(400, {"message": "to parameter is not a valid address"}), Refused),
        (Answer(401, {"message": "Forbidden"}), PermissionError),
        (Answer(403, {"message": "Forbidden"}), PermissionError),
        (Answer(404, {"message": "Domain not found: mg.example.org"}), PermissionError),
        (Answer(429, {"message": "Too many requests"}, {"Retry-After": "7"}), Busy),
        (Answer(503, {"message": "down"}), ConnectionError),
        (Answer(302, headers={"Location": "/elsewhere"}), ConnectionError),
        (Answer(200, {"id": 7}), ConnectionError),
        (Answer(200, body=QUEUED, drop=True), ConnectionError),
    ],
    ids=lambda one: "" if isinstance(one, type) else f"{one.status}",
)
def test_each_answer_has_its_meaning(mailgun: Provider, answer: Answer, kind: type) -> None:
    mailgun.do_next(answer)
    with in_time(), pytest.raises(kind) as fault:
        AnymailEmails().send(outgoing(to=MAIL))
    assert MAIL not in repr(fault.value)
    assert mailgun.asked == 1, "nothing is tried again behind our back"
    if isinstance(fault.value, Busy):
        assert fault.value.wait_s == 7


@pytest.mark.parametrize("slow", [{"wait_s": 10}, {"drip_s": 0.2}], ids=["hangs", "drips"])
def test_a_provider_that_hangs_is_left_in_time(mailgun: Provider, slow, impatient) -> None:
    mailgun.do_next(Answer(200, QUEUED, **slow))
    with in_time(impatient), pytest.raises(TimeoutError):
        AnymailEmails().send(outgoing(to=MAIL))


def test_an_address_that_is_none_is_refused(mailgun: Provider) -> None:
    with pytest.raises(Refused):
        AnymailEmails().send(outgoing(to="alice at home"))
    assert mailgun.asked == 0


def test_a_repeated_try_is_the_same_mail_to_its_receiver(mailgun: Provider) -> None:
    mailgun.do_next(Answer(body=QUEUED, drop=True))
    with pytest.raises(ConnectionError):
        AnymailEmails().send(outgoing(to=MAIL))
    AnymailEmails().send(outgoing(to=MAIL))
    first, second = message_ids(mailgun)
    assert first == second


def test_nothing_leaves_once_the_lease_has_ended(mailgun: Provider) -> None:
    ended = datetime.now(UTC) - timedelta(milliseconds=1)
    with pytest.raises(TimeoutError):
        AnymailEmails().send(outgoing(to=MAIL, good_until=ended))
    assert mailgun.asked == 0
