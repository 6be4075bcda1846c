"""What the stand-in tells of its own accord: how messages fared, and what people wrote."""

from __future__ import annotations

import heapq
import itertools
import secrets
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator

from tests.standin.account import Accepted, Account
from tests.standin.plan import Draws

ANSWER_S = 15
"""How long Twilio waits for an answer of ours."""
SENT_AFTER_S = 0.2
LAST_AFTER_S = 0.5
UNREACHABLE = 30003


def post(url: str, form: dict[str, str], signature: str) -> tuple[int, str]:
    """Post a form as Twilio does; return status and body, or 0 where nobody answered."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=ANSWER_S)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": signature,
    }
    path = address.path + (f"?{address.query}" if address.query else "")
    try:
        connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


def signature_of(token: str, url: str, form: dict[str, str]) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


class Callbacks:
    """Tells each thing at its time, one after the other, in a thread of its own."""

    def __init__(self, account: Account, draws: Draws) -> None:
        self.account, self.draws = account, draws
        self.answers: list[int] = []
        """The status of each answer; 0 where there was none."""
        self.waiting: list[tuple[float, int, Callable[[], None]]] = []
        self.number = itertools.count()
        self.changed = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self._tell_all, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        with self.changed:
            self.ended = True
            self.changed.notify()
        self.thread.join()

    def follow(self, message: Accepted) -> None:
        """Plan what becomes of a message, and what is told of it."""
        plan, draws = self.draws.plan, self.draws
        fails = draws.happens(plan.undelivered)
        last, error = ("undelivered", UNREACHABLE) if fails else ("delivered", None)
        sent_s, last_s = draws.seconds(SENT_AFTER_S), SENT_AFTER_S + draws.seconds(LAST_AFTER_S)
        if draws.happens(plan.disordered):
            sent_s, last_s = last_s, sent_s
        self._in(sent_s, lambda: self._tell(message, "sent", None))
        for _ in range(2 if draws.happens(plan.doubled) else 1):
            self._in(last_s, lambda: self._tell(message, last, error))
        if draws.happens(plan.forged):
            self._in(last_s, lambda: self._forge(message))

    def say(self, hook: str, sender: str, body: str) -> tuple[int, str]:
        """Have somebody write to the account's number, and return what our hook answered."""
        self.account.hear(sender, body)
        form = {
            "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": sender,
            "MessageSid": (sid := "SM" + secrets.token_hex(16)),
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": next((one.sender for one in self.account.messages), "+15005550006"),
        }
        return post(hook, form, signature_of(self.account.token, hook, form))

    def _tell(self, message: Accepted, status: str, error: int | None) -> None:
        self.account.change(message, status, error)
        if message.callback:
            form = self._form(message, status, error)
            self._post(message, form, self.account.token)

    def _forge(self, message: Accepted) -> None:
        if message.callback:
            form = self._form(message, "undelivered", UNREACHABLE)
            self._post(message, form, secrets.token_hex(16))

    def _post(self, message: Accepted, form: dict[str, str], token: str) -> None:
        """Twilio tries once more where it cannot connect, and never again after an answer."""
        signature = signature_of(token, message.callback, form)
        status, _ = post(message.callback, form, signature)
        if status == 0:
            status, _ = post(message.callback, form, signature)
        self.answers.append(status)

    def _form(self, message: Accepted, status: str, error: int | None) -> dict[str, str]:
        form = {
            "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01",
            "From": message.sender,
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        return form if error is None else {**form, "ErrorCode": str(error)}

    def _in(self, seconds: float, telling: Callable[[], None]) -> None:
        with self.changed:
            heapq.heappush(self.waiting, (time.monotonic() + seconds, next(self.number), telling))
            self.changed.notify()

    def _tell_all(self) -> None:
        while telling := self._next():
            telling()

    def _next(self) -> Callable[[], None] | None:
        with self.changed:
            while not self.ended:
                now = time.monotonic()
                if self.waiting and self.waiting[0][0] <= now:
                    return heapq.heappop(self.waiting)[2]
                self.changed.wait(self.waiting[0][0] - now if self.waiting else None)
        return None
