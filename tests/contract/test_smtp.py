"""Django's mail by SMTP against a real server on loopback, and what that may answer."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from config.embedded.ports import HOST, free_port
from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.emails import SmtpEmails
from tests.contract.conftest import HANGS_S, LINK, in_time, outgoing

MAIL = "alice@example.org"


class Server:
    """Keeps what it accepts; ``says`` holds another answer for a step, or seconds to hang."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.says: dict[str, str | float] = {}

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        envelope.mail_from = address
        return await self._say("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        answer = await self._say("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:
        if not isinstance(self.says.get("DATA"), str):
            self.mails.append(envelope)
        answer = await self._say("DATA", "250 OK")
        if self.says.get("drop"):
            server.transport.close()
        return answer

    async def handle_QUIT(self, server, session, envelope) -> str:
        return await self._say("QUIT", "221 Bye")

    async def _say(self, step: str, usual: str) -> str:
        said = self.says.get(step, usual)
        if isinstance(said, str):
            return said
        await asyncio.sleep(said)
        return usual


@pytest.fixture
def server(settings) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname=HOST, port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, controller.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Visits <visits@example.org>"
    yield handler
    controller.stop()


def test_a_mail_arrives_in_plain_text_under_the_id_of_its_key(server: Server) -> None:
    assert SmtpEmails().send(outgoing(to=MAIL)) == "<01a@example.org>"
    (mail,) = server.mails
    text = mail.content.decode()
    assert (mail.rcpt_tos, mail.mail_from) == ([MAIL], "visits@example.org")
    assert "Message-ID: <01a@example.org>" in text
    assert "Subject: Your visit" in text
    assert "Content-Type: text/plain" in text
    assert LINK in text


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", Refused),
        ("RCPT", "451 4.7.1 greylisted, come again", ConnectionError),
        ("RCPT", "421 4.7.0 too many connections", Busy),
        ("MAIL", "550 5.7.1 sender not allowed", PermissionError),
        ("MAIL", "421 4.3.2 closing", Busy),
        ("DATA", "554 5.7.1 refused as spam", Refused),
        ("DATA", "452 4.3.1 no room", ConnectionError),
    ],
)
def test_each_answer_has_its_meaning(server: Server, step, answer, kind: type) -> None:
    server.says[step] = answer
    with in_time(), pytest.raises(kind) as fault:
        SmtpEmails().send(outgoing(to=MAIL))
    assert MAIL not in repr(fault.value)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_is_left_in_time(server: Server, step, impatient) -> None:
    server.says[step] = 10.0
    with in_time(HANGS_S - 1), pytest.raises(ConnectionError):
        SmtpEmails().send(outgoing(to=MAIL))


def test_what_was_accepted_stays_accepted_where_the_farewell_hangs(
    server: Server, impatient
) -> None:
    server.says["QUIT"] = 10.0
    with in_time(HANGS_S - 1):
        SmtpEmails().send(outgoing(to=MAIL))
    assert len(server.mails) == 1


def test_accepted_and_dropped_is_the_same_mail_again(server: Server) -> None:
    server.says["drop"] = "yes"
    with in_time(), pytest.raises(ConnectionError):
        SmtpEmails().send(outgoing(to=MAIL))
    server.says.clear()
    SmtpEmails().send(outgoing(to=MAIL))
    assert len(server.mails) == 2
    assert all(b"Message-ID: <01a@example.org>" in mail.content for mail in server.mails)


def test_nobody_listening_is_a_fault_from_outside(server: Server, settings) -> None:
    settings.EMAIL_PORT = free_port()
    with in_time(), pytest.raises(OSError, match="refused"):
        SmtpEmails().send(outgoing(to=MAIL))


def test_nothing_leaves_once_the_lease_has_ended(server: Server) -> None:
    with pytest.raises(TimeoutError):
        SmtpEmails().send(outgoing(to=MAIL, good_until=datetime.now(UTC) - timedelta(seconds=1)))
    server.says["RCPT"] = 0.4
    with pytest.raises(TimeoutError):
        SmtpEmails().send(outgoing(to=MAIL, good_until=datetime.now(UTC) + timedelta(seconds=0.2)))
    assert server.mails == []
