"""The protocols that can be booked, read from their versioned rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import Protocol, parse_protocol
from dispatch.domain.questionnaire import Questionnaire, parse_questionnaire
from dispatch.models import Market
from dispatch.models import Protocol as ProtocolRow
from dispatch.models import Questionnaire as QuestionnaireRow


@dataclass(frozen=True, slots=True)
class OfferedProtocol:
    """A protocol with what a patient is told and asked before booking."""

    id: UUID
    protocol: Protocol
    approved: bool
    questions: list[dict[str, Any]]


@lru_cache(maxsize=256)
def protocol_of(protocol_id: UUID) -> Protocol:
    """Return one version; cached, because a version never changes."""
    return parse_protocol(ProtocolRow.objects.values_list("data", flat=True).get(id=protocol_id))


@lru_cache(maxsize=256)
def questionnaire_of(questionnaire_id: UUID) -> Questionnaire:
    """Return one version of a questionnaire; cached, because a version never changes."""
    return parse_questionnaire(
        QuestionnaireRow.objects.values_list("data", flat=True).get(id=questionnaire_id)
    )


def bookable(market_id: UUID) -> tuple[OfferedProtocol, ...]:
    """Return the current protocols of a market; those not approved in demo markets only."""
    demo = Market.objects.filter(id=market_id, is_demo=True).exists()
    rows = ProtocolRow.objects.filter(is_current=True).select_related("questionnaire")
    offered = map(_offered, rows.order_by("code"))
    return tuple(one for one in offered if demo or one.approved)


def bookable_row(market_id: UUID, code: str) -> ProtocolRow:
    """Return the current version of a protocol by its code; Invalid where it is not offered."""
    row = ProtocolRow.objects.filter(code=code, is_current=True).first()
    demo = Market.objects.filter(id=market_id, is_demo=True).exists()
    if row is None or not (demo or _is_approved(row)):
        raise Invalid({"protocol": "No such protocol is offered here."})
    return row


def controlled_drugs() -> frozenset[str]:
    """Return the codes of the drugs of current protocols that are accounted for."""
    current = ProtocolRow.objects.filter(is_current=True).values_list("id", flat=True)
    drugs = (protocol_of(protocol_id).drug for protocol_id in current)
    return frozenset(drug.code for drug in drugs if drug is not None and drug.controlled)


def _offered(row: ProtocolRow) -> OfferedProtocol:
    questions = row.questionnaire.data["questions"]
    return OfferedProtocol(row.id, protocol_of(row.id), _is_approved(row), questions)


def _is_approved(row: ProtocolRow) -> bool:
    """Whether a clinician has approved the version, and somebody each of its extra rules."""
    return row.approved_at is not None and not protocol_of(row.id).unapproved_rules
