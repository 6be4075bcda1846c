"""How a market is called, reached and set: changed by its administrators."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from dispatch import audit
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.domain.phones import in_e164
from dispatch.domain.visit import ENDED
from dispatch.models import Market, Shift, Visit

LONGEST_NAME = 100


@transaction.atomic
def change_market(
    *, name: str, zone: str, office_phone: str, expected: int, by: Actor, now: datetime
) -> None:
    """Change the market's name, clocks and office telephone.

    Raises Conflict ``stale`` where somebody changed it meanwhile; Invalid ``name``,
    ``office_phone``, and ``zone`` for one that is none, or where shifts or visits to come were made
    by the clocks of now.
    """
    market = Market.objects.select_for_update(no_key=True).get(id=by.market_id)
    if market.version != expected:
        raise Conflict("stale", "The market has changed since you looked.")
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Invalid({"name": "This is no name that can be kept."})
    number = in_e164(office_phone)
    if number is None:
        raise Invalid({"office_phone": "This is no phone number."})
    if zone != market.zone:
        _check_zone(market, zone, now)
    market.name, market.zone, market.office_phone = name.strip(), zone, number
    market.version += 1
    try:
        with transaction.atomic():
            market.save(update_fields=["name", "zone", "office_phone", "version"])
    except IntegrityError as refusal:
        raise Invalid({"name": "Another market has this name."}) from refusal
    audit.note(by, "change", "market", market.id, now=now)


def _check_zone(market: Market, zone: str, now: datetime) -> None:
    if zone not in available_timezones():
        raise Invalid({"zone": "There is no such time zone."})
    ended = [status.value for status in ENDED]
    visits = Visit.objects.filter(market=market).exclude(status__in=ended)
    if visits.exists() or Shift.objects.filter(market=market, end_at__gt=now).exists():
        raise Invalid({"zone": "Shifts and visits to come were made by the clocks of now."})
