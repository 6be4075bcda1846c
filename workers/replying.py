"""Our answers to texts are sent, as messages are: one at a time, each with a lease of its own."""

import logging
import time

from celery.exceptions import SoftTimeLimitExceeded

from dispatch.domain.channels import Channel
from dispatch.gateways.carriers import Busy, Refused
from dispatch.selectors.clock import market_now
from dispatch.selectors.engine import is_held
from dispatch.services.replying import Answering, claim_reply, put_off_reply, settle_reply
from workers.wiring import carrier

log = logging.getLogger(__name__)

LONGEST_S = 3.0
"""Answers keep messages waiting no longer; what is left is due a second later."""


def send_replies() -> int:
    """Send answers until none is due or messages are held; return how many were taken up."""
    texts = carrier(Channel.TEXT)
    count, stop_at = 0, time.monotonic() + LONGEST_S
    while time.monotonic() < stop_at and not is_held() and (answering := claim_reply(texts.name)):
        count += 1
        _send(answering)
    return count


def _send(answering: Answering) -> None:
    try:
        provider_id = carrier(Channel.TEXT).send(answering.outgoing)
    except Refused:
        put_off_reply(answering, final=True, now=market_now(answering.market_id))
    except SoftTimeLimitExceeded:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever it is, the answer must stay
        log.warning("the provider failed", extra={"fault": type(fault).__name__})
        wait_s = (isinstance(fault, Busy) and fault.wait_s) or 0.0
        now = market_now(answering.market_id)
        put_off_reply(answering, final=False, now=now, wait_s=wait_s)
    else:
        settle_reply(answering, provider_id)
