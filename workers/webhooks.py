"""Calls customers' receivers beside all other work, so that a slow one keeps nobody waiting.

The poll runs this in a thread of its own: no Celery process, which messages to patients need,
ever waits for a customer. The calls themselves have threads that never touch the database.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import DatabaseError, connection

from dispatch import tenancy
from dispatch.gateways.customers import Answer, customers
from dispatch.selectors.clock import market_now
from dispatch.services.webhook_calls import Call, claim_calls, settle

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 8
LONGEST_S = 20.0
LOOK_AGAIN_S = 0.25
"""How often it is looked for more while calls are in the air: one that hangs holds up no other."""
CALLER = "webhooks"


def send_webhooks() -> int:
    """Call until nothing is due; return how many calls were made."""
    count, stop_at = 0, time.monotonic() + LONGEST_S
    in_the_air: dict[Future[Answer], Call] = {}
    with ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix=CALLER) as callers:
        while True:
            if time.monotonic() < stop_at and len(in_the_air) < CALLS_AT_ONCE:
                for call in claim_calls(CALLS_AT_ONCE - len(in_the_air)):
                    in_the_air[callers.submit(_post, call)] = call
                    count += 1
            if not in_the_air:
                return count
            done, _ = wait(in_the_air, LOOK_AGAIN_S, FIRST_COMPLETED)
            for one in done:
                _settle(in_the_air.pop(one), one.result())


def send_beside() -> None:
    """Have a thread do it, one at a time: whoever asked goes on."""
    if not any(thread.name == CALLER for thread in threading.enumerate()):
        threading.Thread(target=_send, name=CALLER, daemon=True).start()


def _post(call: Call) -> Answer:
    try:
        return customers().post(call.url, call.headers, call.body)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the others must go on
        return Answer(None, type(fault).__name__)


def _settle(call: Call, answer: Answer) -> None:
    settle(call, answer, now=market_now(call.market_id))
    if answer.fault:
        facts = {"delivery_id": str(call.delivery_id), "fault": answer.fault}
        log.warning("a webhook was not taken", extra=facts)


@tenancy.everywhere()
def _send() -> None:
    try:
        send_webhooks()
    except DatabaseError:
        log.exception("the database cannot be reached; the next look tries again")
    finally:
        connection.close()
