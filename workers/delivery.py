"""A batch of messages on its way: begun, handed to the carriers several at a time, and settled."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from dispatch import tenancy
from dispatch.gateways.carriers import PATIENCE_S
from dispatch.gateways.local_outbox import LocalOutbox
from dispatch.selectors.clock import markets_now
from dispatch.services.sending import LEASE, Answer, Lease, Sending, begin, put_off, settle
from workers.wiring import carrier

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 16
SETTLE_EVERY_S = 0.25
"""What was answered is written down so often, while other calls are still under way."""


def send_batch(leases: Sequence[Lease]) -> None:
    """Begin, call, settle; what cannot be begun is tried alone, so that it keeps no other back."""
    lasts_until = time.monotonic() + LEASE.total_seconds()
    now = markets_now(one.market_id for one in leases)
    try:
        sendings = begin(leases, carriers=carrier, now=now)
    except (SoftTimeLimitExceeded, OperationalError):
        raise
    except Exception as fault:
        if len(leases) > 1:
            for lease in leases:
                send_batch([lease])
            return
        log.exception("a message cannot be begun")
        put_off(leases, fault, now=now)
        return
    _settle_all(_answers(sendings, lasts_until))


def _settle_all(answered: Iterator[list[Answer]]) -> None:
    """Whatever becomes of some answers, those that come after them are settled, too."""
    fault: OperationalError | None = None
    for answers in answered:
        try:
            _settle(answers)
        except OperationalError as error:
            fault = error
    if fault is not None:
        raise fault


def _settle(answers: Sequence[Answer]) -> None:
    """Write what was answered; of an answer that cannot be written down nothing is known, as if
    the worker had died, and it keeps no other from being settled."""
    try:
        _write(answers)
    except (SoftTimeLimitExceeded, OperationalError):
        raise
    except Exception:
        if len(answers) == 1:
            log.exception("an answer cannot be settled")
            return
        for answer in answers:
            _settle([answer])


def _write(answers: Sequence[Answer]) -> None:
    """Once more where the database gave up: a deadlock is over by then, a lost connection anew."""
    markets = [one.sending.lease.market_id for one in answers]
    try:
        settle(answers, now=markets_now(markets))
    except OperationalError:
        settle(answers, now=markets_now(markets))


def _answers(sendings: Sequence[Sending], lasts_until: float) -> Iterator[list[Answer]]:
    """Call for each, and yield what came back every now and then; no call outlasts its lease."""
    here = [one for one in sendings if isinstance(one.carrier, LocalOutbox)]
    if here:
        yield [_call(one, lasts_until) for one in here]
    outside = [one for one in sendings if not isinstance(one.carrier, LocalOutbox)]
    if not outside:
        return
    with ThreadPoolExecutor(min(CALLS_AT_ONCE, len(outside))) as threads:
        waiting = {threads.submit(_call_outside, one, lasts_until - PATIENCE_S) for one in outside}
        while waiting:
            yield [one.result() for one in _done(waiting)]


def _done(waiting: set[Future[Answer]]) -> set[Future[Answer]]:
    """Wait for a first answer, and a little for others; take what there is out of ``waiting``."""
    wait(waiting, return_when="FIRST_COMPLETED")
    done = wait(waiting, SETTLE_EVERY_S).done
    waiting -= done
    return done


@tenancy.everywhere()
def _call_outside(sending: Sending, begin_until: float) -> Answer:
    """In a thread of its own, which leaves no connection to the database behind."""
    try:
        return _call(sending, begin_until)
    finally:
        connection.close()


def _call(sending: Sending, begin_until: float) -> Answer:
    if time.monotonic() > begin_until:
        return Answer(sending)
    try:
        return Answer(sending, provider_id=sending.carrier.send(sending.outgoing))
    except SoftTimeLimitExceeded:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever it is, the message must stay
        log.warning("the provider failed", extra={"fault": type(fault).__name__})
        return Answer(sending, fault=fault)
