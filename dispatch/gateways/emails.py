"""E-mails through Django's mail: any provider that Anymail speaks to, or a server by SMTP.

Every provider over HTTP is told a key; some heed it, Resend among them. With the others a second
try is the same mail by its Message-ID, which the receiver's server or reader may know again.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from email.utils import parseaddr
from functools import partial
from typing import Any

from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as Smtp

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Busy, Refused
from dispatch.gateways.handover import REFUSALS, Handover

WRONG = frozenset({400, 413, 422})
"""What providers answer to a mail that is wrong; a sender unknown to them is another matter."""
HOOKED = frozenset({"resend"})
"""Providers whose calls we understand."""
CONFLICT = 409
KEY_OF_OTHER_WORDS = "invalid_idempotent_request"
"""What Resend says of a key under which it has accepted a mail that reads otherwise."""
NOT_NOW = range(400, 500)
"""Answers by SMTP to try again later."""
CLOSING = 421
"""By which a server says that it takes no more just now."""
LONGEST_ID = 128
"""Characters of a provider's id that are kept: some make the Message-ID theirs, of any length."""


class SmtpEmails:
    """Hands e-mails to the server that ``EMAIL_HOST`` names; nobody tells what became of them."""

    name = "smtp"
    tells = False

    def send(self, outgoing: Outgoing) -> str:
        """Return the Message-ID."""
        handover = Handover(outgoing.good_until)
        message = EmailMessage(**_content(outgoing), connection=_SmtpInTime(handover))
        try:
            message.send()
        except smtplib.SMTPException as fault:
            raise _meaning(fault) from None
        return message_id(outgoing.key)


class AnymailEmails:
    """Hands e-mails to the provider whose Anymail backend ``EMAIL_BACKEND`` names.

    One whose hook we have tells what became of them, once ``EMAILS_HOOK_SECRET`` opens the hook.
    """

    def __init__(self) -> None:
        provider: Any = get_connection()
        self.name = str(provider.esp_name).lower()
        self.tells = self.name in HOOKED and bool(settings.EMAILS_HOOK_SECRET)

    def send(self, outgoing: Outgoing) -> str:
        """Return the provider's id of the mail, as its hooks name it."""
        handover = Handover(outgoing.good_until)
        connection = get_connection()
        message = AnymailMessage(**_content(outgoing), connection=connection)
        connection.open()
        try:
            if isinstance(connection, AnymailRequestsBackend):
                session = handover.carry(connection.session)
                session.headers["Idempotency-Key"] = outgoing.key
            handover.check_lease()
            message.send()
        except (AnymailRecipientsRefused, AnymailInvalidAddress):
            raise Refused("no recipient") from None
        except AnymailAPIError as fault:
            raise _provider_said(fault) from None
        finally:
            connection.close()
        accepted_as = message.anymail_status.message_id or message_id(outgoing.key)
        return str(accepted_as)[:LONGEST_ID]


def message_id(key: str) -> str:
    """Return the same for the same key, in the domain that we send from."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{key}@{sender.rpartition('@')[2]}>"


def _content(outgoing: Outgoing) -> dict[str, Any]:
    return {
        "subject": outgoing.subject,
        "body": outgoing.body,
        "to": [outgoing.to],
        "headers": {"Message-ID": message_id(outgoing.key), "Auto-Submitted": "auto-generated"},
    }


def _provider_said(fault: AnymailAPIError) -> Exception:
    """What the status alone says was raised before Anymail saw the answer."""
    status = fault.status_code
    other_words = status == CONFLICT and KEY_OF_OTHER_WORDS in fault.response.text
    if status in WRONG or other_words:
        return Refused(f"HTTP {status}")
    if status == CONFLICT:
        return ConnectionError("the first try is under way")
    if status in REFUSALS:
        return PermissionError(f"HTTP {status}")
    return ConnectionError("the provider's answer is not as documented")


def _meaning(fault: smtplib.SMTPException) -> Exception:
    """Only what is said of the recipient, or of the text, is the message's own fault."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in fault.recipients.values()]
        return _by_code(max(codes), otherwise=Refused)
    if isinstance(fault, smtplib.SMTPDataError):
        return _by_code(fault.smtp_code, otherwise=Refused)
    if isinstance(fault, smtplib.SMTPResponseException):
        return _by_code(fault.smtp_code, otherwise=PermissionError)
    return ConnectionError(type(fault).__name__)


def _by_code(code: int, *, otherwise: Callable[[str], Exception]) -> Exception:
    if code == CLOSING:
        return Busy()
    return ConnectionError(f"SMTP {code}") if code in NOT_NOW else otherwise(f"SMTP {code}")


class _SmtpInTime(Smtp):
    """Django's own, with the settings of ``EMAIL_HOST`` and so on, that keeps to a handover."""

    def __init__(self, handover: Handover) -> None:
        super().__init__(timeout=handover.seconds_left())
        self.handover = handover

    @property
    def connection_class(self) -> Any:
        return partial(_SmtpOverTls if self.use_ssl else _SmtpCalls, handover=self.handover)

    def close(self) -> None:
        """Take leave; what was accepted stays so where the server does not answer to that."""
        if self.connection is None:
            return
        try:
            self.connection.quit()
        except OSError:
            self.connection.close()
        self.connection = None


class _InTime(smtplib.SMTP):
    """Every step has only the seconds that are left, and none is taken once the lease has ended.

    A mail counts from the full stop at its end, which leaves with the last step.
    """

    def __init__(self, *arguments: Any, handover: Handover, **more: Any) -> None:
        self.handover = handover
        super().__init__(*arguments, **more)

    def send(self, s: Any) -> None:
        self.handover.check_lease()
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.handover.seconds_left())


class _SmtpCalls(_InTime):
    """By STARTTLS where ``EMAIL_USE_TLS`` says so."""


class _SmtpOverTls(_InTime, smtplib.SMTP_SSL):
    """By TLS from the first byte on."""
