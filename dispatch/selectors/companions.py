"""What a companion is asked, as told by the secret link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.ids import digest
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import ENDED, Status
from dispatch.models import CompanionRequest
from dispatch.selectors.clock import market_now
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.wording import when


@dataclass(frozen=True, slots=True)
class CompanionAsked:
    """When the visit is, what is asked for, what was answered; ``now`` is the market's."""

    when: str
    duty: str | None
    answer: str
    office_phone: str
    now: datetime


def companion_request(secret: str) -> CompanionAsked:
    """Return what is asked.

    Raises NotFound for a link that is unknown or was replaced, Conflict once the visit is over.
    """
    request = (
        CompanionRequest.objects.filter(secret_digest=digest(secret), replaced_at__isnull=True)
        .select_related("visit__location", "market")
        .first()
    )
    if request is None:
        raise NotFound("request")
    visit = request.visit
    if Status(visit.status) in ENDED:
        raise Conflict("wrong_status", "The visit is over or was called off.")
    duty = protocol_of(visit.protocol_id).companion_rule(LocationKind(visit.location.kind))
    return CompanionAsked(
        when=when(visit),
        duty=None if duty is None else duty.value,
        answer=request.answer,
        office_phone=request.market.office_phone,
        now=market_now(request.market_id),
    )
