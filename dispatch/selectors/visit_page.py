"""What the bearer of a patient's text sees behind its link: the visit as it is now, no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.domain.channels import Language
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Audience
from dispatch.domain.places import LocationKind
from dispatch.domain.visit import Status
from dispatch.models import Message, Visit
from dispatch.selectors.clock import market_now
from dispatch.selectors.companions import answer_now
from dispatch.selectors.links import message_about_visit
from dispatch.selectors.needs import questions_open
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.wording import about, spoken, when

LINK_LASTS = timedelta(days=7)
"""How long after the visit the link opens."""
STILL_TO_COME = frozenset({Status.REQUESTED, Status.ASSIGNED, Status.EN_ROUTE})


@dataclass(frozen=True, slots=True)
class VisitPage:
    """When the nurse comes, what is to be prepared and what is missing; no name, no treatment.

    ``expected`` is the live start while the nurse is on the way; ``companion`` the answer of
    whoever is to help, empty where nobody has to; ``language`` the patient's. The ids and ``now``
    are for the audit trail.
    """

    market_id: UUID
    visit_id: UUID
    now: datetime
    language: str
    status: str
    to_come: bool
    when: str
    expected: str | None
    instructions: str
    companion: str
    questions: bool
    office_phone: str


def visit_page(secret: str) -> VisitPage:
    """Return the page behind a link.

    Raises NotFound for a link that is none of ours, Conflict ``expired`` (with the language) a
    week after the visit.
    """
    sent = Message.objects.filter(
        id=message_about_visit(secret), audience=Audience.PATIENT.value
    ).select_related("visit__location", "visit__patient", "visit__reservation", "market")
    message = sent.first()
    if message is None:
        raise NotFound("page")
    visit, now = message.visit, market_now(message.market_id)
    language = Language(visit.patient.language)
    if now >= visit.window_end + LINK_LASTS:
        raise Conflict("expired", "This link has expired.", language=language.value)
    return _page(visit, language, message.market.office_phone, now)


def _page(visit: Visit, language: Language, office_phone: str, now: datetime) -> VisitPage:
    status, kind = Status(visit.status), LocationKind(visit.location.kind)
    held, protocol = visit.reservation, protocol_of(visit.protocol_id)
    on_the_way = status is Status.EN_ROUTE and held is not None
    live = about(visit, spoken(held.start_at), language) if on_the_way and held else None
    to_come = status in STILL_TO_COME
    return VisitPage(
        market_id=visit.market_id,
        visit_id=visit.id,
        now=now,
        language=language.value,
        status=status.value,
        to_come=to_come,
        when=when(visit, language),
        expected=live,
        instructions=protocol.instructions_in(language, kind),
        companion=_companion(visit) if protocol.companion_rule(kind) is not None else "",
        questions=to_come and questions_open(visit, now),
        office_phone=office_phone,
    )


def _companion(visit: Visit) -> str:
    """``missing`` where nobody is named, or else the answer."""
    if visit.companion_id is None:
        return "missing"
    return (answer_now(visit) or CompanionAnswer.ASKED).value
