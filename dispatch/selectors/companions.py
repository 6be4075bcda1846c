"""What a companion is asked, as told by the secret link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.channels import Language
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.ids import digest
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import ENDED, Status
from dispatch.models import CompanionRequest, Visit
from dispatch.selectors.clock import market_now
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.wording import when

LINK_LASTS = timedelta(days=1)
"""How long after the visit the link opens."""


def open_request(visit: Visit) -> CompanionRequest | None:
    """Return what was asked last: of whoever is named now, once workers have come to it.

    Where the visit's requests were read before, together with others, they are not read again.
    """
    asked = visit.companion_requests.all()
    return next((one for one in asked if one.replaced_at is None), None)


def answer_now(visit: Visit) -> CompanionAnswer | None:
    """Return the answer of the companion named now to the visit as it is now; no older one
    counts, and nobody else's."""
    asked = open_request(visit)
    if asked is None or asked.companion_id != visit.companion_id:
        return None
    return CompanionAnswer(asked.answer) if asked.move == visit.moves else CompanionAnswer.ASKED


@dataclass(frozen=True, slots=True)
class CompanionAsked:
    """When the visit is, what is asked for, what was answered; ``now`` is the market's.

    ``move`` says which of the visit's times this is: the answer is sent back with it. The ids are
    for the audit trail.
    """

    market_id: UUID
    request_id: UUID
    when: str
    duty: str | None
    answer: str
    move: int
    office_phone: str
    language: str
    now: datetime


def companion_request(secret: str) -> CompanionAsked:
    """Return what is asked.

    Raises NotFound for a link that is unknown or was replaced, Conflict (with the companion's
    language) once the visit is over, ``expired`` a day after it.
    """
    request = (
        CompanionRequest.objects.filter(secret_digest=digest(secret), replaced_at__isnull=True)
        .select_related("visit__location", "companion", "market")
        .first()
    )
    if request is None:
        raise NotFound("request")
    visit, now = request.visit, market_now(request.market_id)
    language = Language(request.companion.language)
    if now >= visit.window_end + LINK_LASTS:
        raise Conflict("expired", "This link has expired.", language=language.value)
    if Status(visit.status) in ENDED:
        message = "The visit is over or was called off."
        raise Conflict("wrong_status", message, language=language.value)
    duty = protocol_of(visit.protocol_id).companion_rule(LocationKind(visit.location.kind))
    return CompanionAsked(
        market_id=request.market_id,
        request_id=request.id,
        when=when(visit, language),
        duty=None if duty is None else duty.value,
        answer=str(answer_now(visit)),
        move=visit.moves,
        office_phone=request.market.office_phone,
        language=language.value,
        now=now,
    )
