"""The work itself, the same for Celery's tasks and for the poll: take what is due to its end."""

import logging
import time

from celery.exceptions import SoftTimeLimitExceeded

from dispatch.models import Market
from dispatch.outbox import deliver_next
from dispatch.selectors.clock import market_now
from dispatch.selectors.due import (
    series_to_replan,
    shifts_with_lapsed_holds,
    visits_gone_quiet,
    visits_to_assign,
)
from dispatch.selectors.engine import is_held
from dispatch.services import rooms
from dispatch.services.assignment import assign_visit, put_off
from dispatch.services.holds import clear_lapsed_holds
from dispatch.services.receipts import take_overdue
from dispatch.services.replanning import put_off_series, replan_series
from dispatch.services.running import retime_quiet_day
from dispatch.services.sending import claim_due
from dispatch.services.shifts import roll_shifts
from workers.delivery import send_batch
from workers.reactions import REACTIONS
from workers.replying import send_replies
from workers.wiring import telehealth

log = logging.getLogger(__name__)

AT_ONCE = 50
LONGEST_S = 20.0
"""A round of work ends before its task's time limit; what is left is due a second later."""
TURN_S = 1.0
"""How long one kind of work goes on before the others have their turn."""


def do_all() -> None:
    """Everything that is due, in short turns: no message waits for the end of other work."""
    clear_holds()
    retime_quiet_days()
    done, stop_at = 1, time.monotonic() + LONGEST_S
    while done and time.monotonic() < stop_at:
        done = deliver_events(TURN_S)
        if found := replan_all_series(TURN_S) + assign_visits(TURN_S):
            done += found + deliver_events(TURN_S)
        send_messages()
    send_replies()
    open_rooms()


def clear_holds() -> None:
    """Free the time of holds that have run out."""
    for shift_id, market_id in shifts_with_lapsed_holds():
        clear_lapsed_holds(shift_id, now=market_now(market_id))


def retime_quiet_days() -> None:
    """Move the day on where no word came from a door; one that fails holds no other up."""
    for visit_id, market_id in visits_gone_quiet():
        try:
            retime_quiet_day(visit_id, now=market_now(market_id))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("a day cannot be timed", extra={"visit_id": str(visit_id)})


def deliver_events(longest_s: float = LONGEST_S) -> int:
    """Deliver events until none is due; return how many."""
    count, stop_at = 0, time.monotonic() + longest_s
    while time.monotonic() < stop_at and deliver_next(REACTIONS):
        count += 1
    return count


def assign_visits(longest_s: float = LONGEST_S) -> int:
    """Look for nurses for the visits that are due; return how many are."""
    stop_at = time.monotonic() + longest_s
    due = visits_to_assign(AT_ONCE)
    for visit_id, market_id in due:
        if time.monotonic() > stop_at:
            break
        try:
            assign_visit(visit_id, now=market_now(market_id))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("assigning failed", extra={"visit_id": str(visit_id)})
            put_off(visit_id, now=market_now(market_id))
    return len(due)


def replan_all_series(longest_s: float = LONGEST_S) -> int:
    """Plan anew the series that lost an infusion; return how many have."""
    stop_at = time.monotonic() + longest_s
    due = series_to_replan(AT_ONCE)
    for series_id, market_id in due:
        if time.monotonic() > stop_at:
            break
        try:
            replan_series(series_id, now=market_now(market_id))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("a series was not planned anew", extra={"series_id": str(series_id)})
            put_off_series(series_id, now=market_now(market_id))
    return len(due)


def send_messages() -> int:
    """Send until nothing is due or messages are held; return how many were taken up."""
    count, stop_at = 0, time.monotonic() + LONGEST_S
    while time.monotonic() < stop_at and not is_held() and (leases := claim_due()):
        send_batch(leases)
        count += len(leases)
    return count


def take_next_ways() -> None:
    """Have messages of which no receipt came sent by another way, unless messages are held."""
    while not is_held() and take_overdue():
        pass


def open_rooms() -> int:
    """Have rooms opened for the consults that have none yet; return how many were taken up."""
    count, stop_at = 0, time.monotonic() + LONGEST_S
    while time.monotonic() < stop_at and (claimed := rooms.claim_rooms()):
        for room in claimed:
            _open_room(room)
        count += len(claimed)
    return count


def _open_room(room: rooms.Room) -> None:
    try:
        link = telehealth().open_room(key=room.key, starts_at=room.starts_at)
    except SoftTimeLimitExceeded:
        raise
    except Exception as fault:  # noqa: BLE001 - whatever it is, the consult must stay
        log.warning("the video provider failed", extra={"fault": type(fault).__name__})
        rooms.settle_failed(room, now=market_now(room.market_id))
    else:
        rooms.settle_opened(room, link, now=market_now(room.market_id))


def roll_shifts_everywhere() -> None:
    """Make the shifts of the coming weeks in every market; one that fails holds no other up."""
    for market_id in Market.objects.values_list("id", flat=True):
        try:
            roll_shifts(market_id, now=market_now(market_id))
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("shifts could not be made", extra={"market_id": str(market_id)})
