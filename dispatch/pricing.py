"""The price as people were shown it: the only code that checks it and keeps it."""

from __future__ import annotations

from datetime import datetime

from dispatch.domain.charges import dollars
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.models import PriceShown, Visit
from dispatch.selectors.protocols import protocol_of


def keep_shown(visit: Visit, price_cents: int, *, by: Actor, now: datetime) -> None:
    """Keep that the patient was shown this price, or had it read out; Invalid for another one."""
    price = protocol_of(visit.protocol_id).price_cents
    if price_cents != price:
        told = Sentence("The price of this treatment is {price}.", price=dollars(price))
        raise Invalid({"price_cents": told})
    PriceShown.objects.create(
        market_id=visit.market_id, visit=visit, price_cents=price, at=now, by_id=by.user_id
    )
