"""Keeps the delivery engine: about once a minute some visits are compared with their messages,
and after a restore nothing is sent before it is settled what had been.

One process at a time does so. It needs neither broker nor beat: the poll calls it every second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

from dispatch.domain.channels import Channel, Outgoing
from dispatch.domain.reconciling import Found
from dispatch.domain.sending import TELL_OF_THE_START
from dispatch.domain.visit import Status
from dispatch.gateways.carriers import Busy, Remembers
from dispatch.outbox import Reaction
from dispatch.selectors.clock import market_now
from dispatch.selectors.engine import is_held
from dispatch.selectors.reconciling import (
    Suspect,
    ToCompare,
    as_it_went,
    came_to,
    events_are_due,
    is_compared,
    suspects,
    visits_to_compare,
)
from dispatch.services import engine, restoring
from dispatch.services.message_notices import (
    tell_declined,
    tell_on_the_way,
    tell_replaced,
    tell_suspended,
)
from dispatch.services.message_plans import (
    ask_companion,
    ask_companion_again,
    drop_called_off,
    plan_aftercare,
    plan_cancelled,
    plan_messages,
)
from dispatch.services.reconciling import reconcile_visit
from workers.wiring import carrier
from workers.work import deliver_events

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
TURN = timedelta(seconds=20)
"""How long one process settles a hold before another one may try."""
AT_ONCE = 50
LONGEST_S = 2.0
"""A look among the visits, or the questions of a turn, take no longer: the poll has other work."""

AHEAD = (plan_messages, ask_companion, ask_companion_again, tell_declined, tell_replaced)
PLAN_AGAIN: Mapping[Status, Sequence[Reaction]] = {
    Status.REQUESTED: AHEAD,
    Status.ASSIGNED: AHEAD,
    Status.EN_ROUTE: (*AHEAD, tell_on_the_way),
    Status.ARRIVED: AHEAD,
    Status.IN_TREATMENT: (*AHEAD, plan_aftercare),
    Status.RECOVERING: (*AHEAD, plan_aftercare),
    Status.COMPLETED: (plan_aftercare,),
    Status.ABORTED: (drop_called_off, plan_aftercare),
    Status.NO_SHOW: (drop_called_off,),
    Status.CANCELLED: (plan_cancelled,),
    Status.SUSPENDED: (tell_suspended,),
}
"""What a visit calls for, whichever events led there: reactions that read it as it now is."""

Progress = Callable[[Found], None]


class Answer(Enum):
    """What a provider says of a message that it may have been given."""

    SENT = "sent"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


def keep() -> None:
    """Look once: settle a hold, or compare some visits when a minute has passed."""
    engine.look_at_database()
    if is_held():
        if engine.take_turn(TURN):
            settle_hold()
            engine.give_turn_back()
    elif engine.take_turn(EVERY):
        compare_some(LONGEST_S)


def compare_all(tell: Progress) -> Found:
    """Compare every visit, from the first one on; ``tell`` hears how far it has come."""
    found, after = Found(), None
    while batch := visits_to_compare(after, AT_ONCE):
        after = batch[-1].visit_id
        here = sum(map(_compare, batch), Found())
        engine.note_repaired(here)
        found += here
        tell(found)
    return found


def compare_some(seconds: float) -> bool:
    """Compare visits from where the last look ended; True where that was the end of a round."""
    stop_at = time.monotonic() + seconds
    after = came_to()
    while time.monotonic() < stop_at:
        batch = visits_to_compare(after, AT_ONCE)
        after = batch[-1].visit_id if len(batch) == AT_ONCE else None
        engine.note_found(sum(map(_compare, batch), Found()), after)
        if after is None:
            return True
    return False


def settle_hold() -> None:
    """Plan what is called for, settle what may have been sent, and release once all is settled."""
    restoring.wait_for_no_receipt()
    deliver_events()
    if not is_compared() and not compare_some(LONGEST_S):
        return
    stop_at = time.monotonic() + LONGEST_S
    while open_ones := suspects(AT_ONCE):
        if not all(time.monotonic() < stop_at and _settle(one) for one in open_ones):
            return
    if not events_are_due():
        engine.release()
        log.warning("messages are sent again: what may have been sent is settled")


def _compare(one: ToCompare) -> Found:
    """One visit that fails holds no other up."""
    try:
        plan = PLAN_AGAIN[one.status]
        return reconcile_visit(one.visit_id, plan, now=market_now(one.market_id))
    except Exception:
        log.exception("a visit cannot be compared", extra={"visit_id": str(one.visit_id)})
        return Found(visits=1)


def _settle(one: Suspect) -> bool:
    """Ask whoever can be asked; False where that has to be tried again."""
    now = market_now(one.market_id)
    try:
        ways = as_it_went(one)
        asked = [_ask(one, *way, now) for way in ways]
    except (OSError, Busy) as fault:
        log.warning("a provider cannot be asked", extra={"fault": type(fault).__name__})
        return False
    except Exception:
        log.exception("nobody can be asked", extra={"message_id": str(one.message_id)})
        asked = [Answer.UNKNOWN]
    if Answer.SENT in asked:
        return True
    if not asked or asked[0] is Answer.UNSENT:
        restoring.note_unsent(one.message_id)
    else:
        restoring.settle_doubt(one.message_id, now=now)
    return True


def _ask(one: Suspect, channel: Channel, outgoing: Outgoing, now: datetime) -> Answer:
    """Note it where the provider has the message. One that named an hour went out in words that
    are lost with the hour: that it is not found says nothing."""
    by = carrier(channel)
    if not isinstance(by, Remembers):
        return Answer.UNKNOWN
    found = by.find(outgoing)
    if found is None:
        return Answer.UNKNOWN if one.kind in TELL_OF_THE_START else Answer.UNSENT
    restoring.note_found(one.message_id, channel, outgoing, carrier=by, provider_id=found, now=now)
    return Answer.SENT
