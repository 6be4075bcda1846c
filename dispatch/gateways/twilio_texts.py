"""Texts through Twilio, by its own client.

Twilio knows no idempotency keys: where a try may have been accepted before, its list of messages
is asked first. What became of a message it tells at our hook.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from dispatch.domain.channels import Outgoing
from dispatch.gateways.carriers import Busy, Refused, same_words
from dispatch.gateways.handover import UNDERSTOOD, Answered, Handover, raise_for

TWILIO = "https://api.twilio.com"
HOOK = "/api/v1/hooks/texts/twilio"
SERVICE = "MG"
"""How the id of a messaging service begins, which stands in for a number to send from."""
LOOKED_AT = 100
"""How many messages to one number are looked through, the last ones first."""
NOT_BROUGHT = frozenset({"failed", "undelivered", "canceled"})
"""Statuses of messages that will never arrive."""
CLOCKS_DIFFER = timedelta(minutes=1)
ON_TRIAL = "Sent from your Twilio trial account - "
"""What Twilio puts before each text of an account on trial."""

WRONG = 400
QUEUE_FULL = 21611
REGION_CLOSED = 21408
OURS = frozenset(
    {21212, 21603, 21606, 21609, 21659, 21660, 21661, 21703, 21704, 21705, 21710}
)  # fmt: skip
"""Codes of what is wrong with our own sender: no message would go, to nobody."""


class TwilioTexts:
    """The account that ``TWILIO_ACCOUNT_SID`` names, sending from ``TWILIO_FROM``."""

    name = "twilio"
    tells = True

    def send(self, outgoing: Outgoing) -> str:
        """Return the message's SID: of the try before, where Twilio had accepted that one."""
        handover = Handover(outgoing.good_until)
        tried = outgoing.tried_since is not None
        found = self._found(outgoing, handover, _same) if tried else ()
        return next((str(one.sid) for one in found), None) or self._create(outgoing, handover)

    def find(self, outgoing: Outgoing) -> str | None:
        """Return the SID under which Twilio has a message in these words, since ``tried_since``
        where that is known; None where it has not accepted it, or could not bring it. Raises as
        ``send``."""
        found = self._found(outgoing, Handover(outgoing.good_until), same_words)
        return next((str(one.sid) for one in found if one.status not in NOT_BROUGHT), None)

    def _create(self, outgoing: Outgoing, handover: Handover) -> str:
        source = settings.TWILIO_FROM
        from_ = {"messaging_service_sid" if source.startswith(SERVICE) else "from_": source}
        callback = settings.PUBLIC_URL + HOOK
        try:
            created = _client(handover).messages.create(
                to=outgoing.to, body=outgoing.body, status_callback=callback, **from_
            )
        except TwilioException as fault:
            raise _meaning(fault) from None
        return str(created.sid)

    def _found(
        self, outgoing: Outgoing, handover: Handover, same: Callable[[Outgoing, str], bool]
    ) -> Iterator[Any]:
        """Yield the messages that Twilio has in these words, the last one first.

        Bodies are told apart by the signed links in them, where ``same`` looks at those, and
        answers, which have none, by ``others``.
        The list is not narrowed by Twilio's day of sending, which a queued message lacks.
        """
        try:
            to_them = _client(handover).messages.list(to=outgoing.to, limit=LOOKED_AT)
        except TwilioException as fault:
            raise _meaning(fault) from None
        since = outgoing.tried_since and outgoing.tried_since - CLOCKS_DIFFER
        for one in to_them:
            recent = since is None or one.date_created is None or one.date_created >= since
            if (
                recent
                and one.sid not in outgoing.others
                and same(outgoing, (one.body or "").removeprefix(ON_TRIAL))
            ):
                yield one


def _same(outgoing: Outgoing, theirs: str) -> bool:
    return theirs.strip() == outgoing.body.strip()


def _meaning(fault: TwilioException) -> Exception:
    """A 400 is the message's own fault unless we know better: Twilio adds codes as it goes."""
    if not isinstance(fault, TwilioRestException):
        return ConnectionError("Twilio's answer is not as documented")
    if fault.code == QUEUE_FULL:
        return Busy()
    if fault.code == REGION_CLOSED or (fault.status == WRONG and fault.code not in OURS):
        return Refused(str(fault.code))
    return PermissionError(f"Twilio {fault.code}")


def _client(handover: Handover) -> Client:
    return Client(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=_Http(handover)
    )


class _Http(HttpClient):  # type: ignore[misc]  # the client comes without types
    """What the client speaks through; it logs nothing, as numbers stand in queries."""

    def __init__(self, handover: Handover) -> None:
        self.handover = handover
        self.is_async = False

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        *_: Any,
        **__: Any,
    ) -> Response:
        address = url.replace(TWILIO, settings.TWILIO_URL, 1) if settings.TWILIO_URL else url
        query = f"?{urlencode(params)}" if params else ""
        head = {**(headers or {}), "Authorization": _basic(auth or ("", ""))}
        body = urlencode(data or {}).encode()
        answered = self.handover.call(method, address + query, head, body)
        if _document(answered).get("code") != REGION_CLOSED:
            raise_for(answered)
        return Response(answered.status, answered.body.decode(errors="replace"), answered.headers)


def _document(answered: Answered) -> dict[str, Any]:
    """Raises ConnectionError for what only a broken Twilio, or somebody before it, would say."""
    try:
        told = json.loads(answered.body)
    except ValueError:
        told = None
    if not isinstance(told, dict) and answered.status in UNDERSTOOD:
        raise ConnectionError("Twilio's answer is no document")
    return told if isinstance(told, dict) else {}


def _basic(auth: tuple[str, str]) -> str:
    return "Basic " + b64encode(":".join(auth).encode()).decode()
