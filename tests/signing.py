"""Calls of providers, signed as each of them signs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FORM = "application/x-www-form-urlencoded"
TWILIO = "/api/v1/hooks/texts/twilio"
STANDARD = "/api/v1/hooks/texts/standard"
RESEND = "/api/v1/hooks/emails/resend"


def twilio_call(client: Any, public_url: str, form: dict[str, str], *, token: str = TOKEN) -> Any:
    """As Twilio posts a form to our address."""
    signature = RequestValidator(token).compute_signature(public_url + TWILIO, form)
    headers = {"X-Twilio-Signature": str(signature)}
    return client.generic("POST", TWILIO, urlencode(form), content_type=FORM, headers=headers)


def signed_call(
    client: Any,
    path: str,
    document: Any,
    *,
    key: str = "msg_1",
    at: datetime | None = None,
    secret: str = SECRET,
    prefix: str = "webhook-",
) -> Any:
    """As a provider posts JSON that is signed over id, time and body."""
    text = document if isinstance(document, str) else json.dumps(document)
    moment = at or datetime.now(UTC)
    signature = Webhook(secret).sign(key, moment, text)
    told = {"id": key, "timestamp": str(int(moment.timestamp())), "signature": signature}
    headers = {prefix + name: value for name, value in told.items()}
    return client.generic("POST", path, text, content_type="application/json", headers=headers)


def told_by_twilio(sid: str, status: str) -> dict[str, str]:
    return {
        "AccountSid": "AC1", "MessageSid": sid, "MessageStatus": status, "SmsSid": sid,
        "To": "+12025550100", "From": "+12025550199",
    }  # fmt: skip


def written_by(sender: str, body: str, sid: str = "SM1") -> dict[str, str]:
    return {
        "AccountSid": "AC1", "MessageSid": sid, "SmsStatus": "received", "NumMedia": "0",
        "From": sender, "To": "+12025550199", "Body": body,
    }  # fmt: skip
