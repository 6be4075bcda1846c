"""People who write to us in tests: from their numbers, through what the doors call."""

from __future__ import annotations

from itertools import count

from dispatch.domain.heard import TextHeard
from dispatch.models import InboundText, LocalMessage
from workers import replying, work
from workers.hearing import hear_text

STRANGER = "+12025550666"
_numbers = count(1)


def write(sender: str, body: str, *, answered: bool = False, read: bool = True) -> InboundText:
    """Write a text; workers read it at once, unless it is to lie about."""
    provider_id = f"SM{next(_numbers):032x}"
    hear_text(TextHeard("twilio", provider_id, sender, body, answered))
    if read:
        work.deliver_events()
    return InboundText.objects.get(provider_id=provider_id)


def written_to(number: str) -> list[str]:
    """All that has gone to a number by text so far, once what is due has been sent."""
    work.send_messages()
    replying.send_replies()
    sent = LocalMessage.objects.filter(channel="text").order_by("accepted_at")
    return [one.body for one in sent if one.recipient == number]
