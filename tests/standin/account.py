"""One account at the stand-in: the messages it has accepted, and the numbers that said STOP."""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

E164 = re.compile(r"\+[1-9]\d{7,14}")
INVALID = "+15005550001"
UNSUBSCRIBED = "+15005550004"
NO_TEXTS = "+15005550009"
"""Twilio's own numbers for tests, of which each answers in its way."""
LONGEST_BODY = 1600
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})
FINAL = frozenset({"delivered", "undelivered", "failed"})


class Wrong(Exception):
    """A refusal as Twilio words it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.document = {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }


@dataclass(slots=True)
class Accepted:
    """One message that the account has accepted, at ``accepted_at`` by the wall clock."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    accepted_at: float
    status: str = "queued"
    error: int | None = None

    def document(self, account_sid: str) -> dict[str, Any]:
        moment = formatdate(self.accepted_at, localtime=False).replace("-0000", "+0000")
        uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{self.sid}.json"
        return {
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": moment,
            "date_sent": moment,
            "date_updated": moment,
            "direction": "outbound-api",
            "error_code": self.error,
            "error_message": None if self.error is None else "Unreachable destination handset",
            "from": self.sender or None,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": uri.replace(".json", "/Media.json")},
            "to": self.to,
            "uri": uri,
        }


@dataclass
class Account:
    """What an account knows; every method may be called by several threads."""

    sid: str = field(default_factory=lambda: "AC" + secrets.token_hex(16))
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    messages: list[Accepted] = field(default_factory=list)
    stopped: set[str] = field(default_factory=lambda: {UNSUBSCRIBED})
    guard: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check(self, form: dict[str, str]) -> None:
        """Raise Wrong for what Twilio would not accept."""
        to = form.get("To", "")
        if not to:
            raise Wrong(400, 21604, "A 'To' phone number is required.")
        if not form.get("From") and not form.get("MessagingServiceSid"):
            raise Wrong(400, 21603, "A 'From' phone number is required.")
        if not form.get("Body"):
            raise Wrong(400, 21602, "Message body is required.")
        if len(form["Body"]) > LONGEST_BODY:
            raise Wrong(400, 21617, "The message body exceeds the 1600 character limit")
        if not E164.fullmatch(to) or to == INVALID:
            raise Wrong(400, 21211, f"Invalid 'To' Phone Number: {to[:-4]}XXXX")
        if to == NO_TEXTS:
            raise Wrong(400, 21614, "'To' number is not a valid mobile number")
        if to in self.stopped:
            raise Wrong(400, 21610, "Attempt to send to unsubscribed recipient")

    def accept(self, form: dict[str, str]) -> Accepted:
        accepted = Accepted(
            sid="SM" + secrets.token_hex(16),
            to=form["To"],
            sender=form.get("From", ""),
            body=form["Body"],
            callback=form.get("StatusCallback", ""),
            accepted_at=time.time(),
        )
        with self.guard:
            self.messages.append(accepted)
        return accepted

    def find(self, sid: str) -> Accepted:
        with self.guard:
            found = next((one for one in self.messages if one.sid == sid), None)
        if found is None:
            raise Wrong(404, 20404, f"The requested resource /Messages/{sid}.json was not found")
        return found

    def listed(self, to: str, sender: str, since: float, until: float) -> list[Accepted]:
        """Return those sent to a number within whole seconds [since, until], the last one first."""
        with self.guard:
            return [
                one
                for one in reversed(self.messages)
                if (not to or one.to == to)
                and (not sender or one.sender == sender)
                and since <= int(one.accepted_at) <= until
            ]

    def change(self, message: Accepted, status: str, error: int | None) -> None:
        """Bring a message to another status; from its last one it goes nowhere."""
        with self.guard:
            if message.status not in FINAL:
                message.status, message.error = status, error

    def hear(self, sender: str, body: str) -> None:
        """Mark or unmark a number whose owner wrote one of Twilio's words."""
        word = body.strip().upper()
        with self.guard:
            if word in STOPS:
                self.stopped.add(sender)
            elif word in STARTS:
                self.stopped.discard(sender)
