"""Twilio's calls: what became of our texts, and the texts that people write to us.

Twilio signs the address and the parameters, and no time: a call that was recorded could be made
again years later. See decision 29 for what stops it.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from dispatch.domain.channels import Receipt
from dispatch.domain.errors import Invalid
from dispatch.domain.heard import Heard, ReceiptHeard, TextHeard
from dispatch.gateways.hooks import Call, forged, identifier

RECEIPTS = {
    "delivered": Receipt.DELIVERED,
    "read": Receipt.DELIVERED,
    "undelivered": Receipt.FAILED,
    "failed": Receipt.FAILED,
    "canceled": Receipt.FAILED,
}
"""Statuses after which nothing follows; the others – queued, sending, sent – are no news."""
WITH_PICTURE = " [attachment]"
"""What stands for pictures: a person has to look at them, and they change what words mean."""


class TwilioHook:
    name = "twilio"

    @property
    def is_on(self) -> bool:
        return bool(settings.TWILIO_AUTH_TOKEN)

    def read(self, call: Call) -> tuple[Heard, ...]:
        form = _form(call.body)
        signature = call.headers.get(SIGNATURE_HEADER, "")
        if not RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(call.url, form, signature):
            raise forged()
        if "MessageStatus" in form:
            return self._receipt(form)
        return (self._text(form),)

    def _receipt(self, form: QueryDict) -> tuple[Heard, ...]:
        sid = identifier("MessageSid", form.get("MessageSid"))
        status = _value(form, "MessageStatus")
        receipt = RECEIPTS.get(status)
        if receipt is None:
            return ()
        return (ReceiptHeard(self.name, sid, receipt, f"{sid}:{status}"),)

    def _text(self, form: QueryDict) -> TextHeard:
        """``OptOutType`` says that Twilio has answered STOP, START or HELP by itself."""
        pictures = form.get("NumMedia", "0") != "0"
        return TextHeard(
            carrier=self.name,
            provider_id=identifier("MessageSid", form.get("MessageSid")),
            sender=_value(form, "From"),
            body=_value(form, "Body") + (WITH_PICTURE if pictures else ""),
            answered="OptOutType" in form,
        )


def _value(form: QueryDict, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise Invalid({name: "This parameter is needed."})
    return value


def _form(body: bytes) -> QueryDict:
    try:
        return QueryDict(body, encoding="utf-8")
    except (SuspiciousOperation, ValueError) as fault:
        raise Invalid({"body": "This is no form."}) from fault
