"""The protocols that can be booked, read from their versioned rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from dispatch.domain.answers import form_of as form_under
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol, parse_protocol
from dispatch.domain.questionnaire import Questionnaire, parse_questionnaire
from dispatch.models import Market, SignOff
from dispatch.models import Protocol as ProtocolRow
from dispatch.models import Questionnaire as QuestionnaireRow

Approved = Mapping[UUID, Collection[str]]

READABLE = Q(data__has_key="visit_questions_s")
"""Versions written before treatments were laid out whole have no such key, and cannot be read."""


@dataclass(frozen=True, slots=True)
class RuleToApprove:
    """An extra rule of a version; approved where the market's prescribers have said so."""

    code: str
    text: str
    approved: bool


@dataclass(frozen=True, slots=True)
class ProtocolVersion:
    """A version as the prescribers of a market see it; ``drafted`` in their own market."""

    code: str
    version: int
    name: str
    drafted: bool
    current: bool
    approved: bool
    extra_rules: list[RuleToApprove]
    data: dict[str, Any]


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


@lru_cache(maxsize=256)
def form_of(protocol_id: UUID) -> Questionnaire:
    """Return the questions of a protocol with every rule that judges them; cached likewise."""
    row = ProtocolRow.objects.only("questionnaire_id").get(id=protocol_id)
    return form_under(protocol_of(protocol_id), questionnaire_of(row.questionnaire_id))


def bookable(market_id: UUID) -> tuple[OfferedProtocol, ...]:
    """Return the current protocols of a market; those not approved in demo markets only."""
    demo = Market.objects.filter(id=market_id, is_demo=True).exists()
    return tuple(one for one in current_in(market_id) if demo or one.approved)


def current_in(market_id: UUID) -> tuple[OfferedProtocol, ...]:
    """Return the current protocols of a market, also those that are not approved there."""
    rows = _current(market_id, ProtocolRow.objects.all())
    approved = _approved(SignOff.objects.filter(market_id=market_id, protocol__in=rows))
    return tuple(_offered(row, approved) for row in rows)


def bookable_row(market_id: UUID, code: str) -> ProtocolRow:
    """Return the current version of a protocol by its code; Invalid where it is not offered."""
    row = next(iter(_current(market_id, ProtocolRow.objects.filter(code=code))), None)
    demo = Market.objects.filter(id=market_id, is_demo=True).exists()
    if row is None or not (demo or _is_approved(row, market_id)):
        raise Invalid({"protocol": "No such protocol is offered here."})
    return row


def controlled_drugs() -> frozenset[str]:
    """Return the codes of the drugs, of whatever protocol, that are accounted for."""
    given = ProtocolRow.objects.filter(data__drug__controlled=True)
    return frozenset(given.values_list("data__drug__code", flat=True))


def certificates_asked(market_id: UUID) -> frozenset[str]:
    """Return every certificate that a treatment of the market may need in a nurse."""
    rows = _in_market(market_id, ProtocolRow.objects.all()).values_list("id", flat=True)
    asking = [protocol_of(row_id) for row_id in rows]
    skills = {one.certificate for protocol in asking for one in protocol.skills}
    return frozenset(skills.union(*(protocol.certificates for protocol in asking)))


def versions_of(market_id: UUID, code: str) -> tuple[ProtocolVersion, ...]:
    """Return the versions that a market may use, the newest first: shipped, or drafted there."""
    rows = _in_market(market_id, ProtocolRow.objects.filter(code=code))
    current = _current(market_id, ProtocolRow.objects.filter(code=code))
    return tuple(_version(row, market_id, row in current) for row in rows.order_by("-version"))


def version_seen_by(by: Actor, code: str, version: int) -> ProtocolVersion:
    """Return one of these versions. Raises NotFound."""
    row = version_row(by.market_id, code, version)
    current = _current(by.market_id, ProtocolRow.objects.filter(code=code))
    return _version(row, by.market_id, row in current)


def version_row(market_id: UUID, code: str, version: int) -> ProtocolRow:
    """Return one of these versions. Raises NotFound."""
    row = _in_market(market_id, ProtocolRow.objects.filter(code=code, version=version)).first()
    if row is None:
        raise NotFound("version")
    return row


def unapproved_in(market_id: UUID, row: ProtocolRow) -> tuple[str, ...]:
    """Return the codes of the version's extra rules that nobody in the market has approved."""
    return _open_rules(row, _approved(SignOff.objects.filter(market_id=market_id, protocol=row)))


def _in_market(market_id: UUID, rows: QuerySet[ProtocolRow]) -> QuerySet[ProtocolRow]:
    return rows.filter(READABLE, Q(market__isnull=True) | Q(market_id=market_id))


def _current(market_id: UUID, rows: QuerySet[ProtocolRow]) -> list[ProtocolRow]:
    """Of each code the version last approved in the market, or the newest that was shipped."""
    signed = SignOff.objects.filter(market_id=market_id, protocol__in=rows).order_by("signed_at")
    chosen = {row.code: row for row in rows.filter(is_current=True).select_related("questionnaire")}
    found = list(signed.select_related("protocol__questionnaire"))
    approved = _approved(found)
    for one in found:
        if not _open_rules(one.protocol, approved):
            chosen[one.protocol.code] = one.protocol
    return [chosen[code] for code in sorted(chosen)]


def _offered(row: ProtocolRow, approved: Approved) -> OfferedProtocol:
    questions = row.questionnaire.data["questions"]
    signed_off = row.id in approved and not _open_rules(row, approved)
    return OfferedProtocol(row.id, protocol_of(row.id), signed_off, questions)


def _approved(signed: Iterable[SignOff]) -> Approved:
    """Return by version that was signed off the codes of the rules that were approved with it."""
    approved: dict[UUID, set[str]] = {}
    for one in signed:
        approved.setdefault(one.protocol_id, set()).update(one.rules)
    return approved


def _open_rules(row: ProtocolRow, approved: Approved) -> tuple[str, ...]:
    rules = approved.get(row.id, ())
    return tuple(one for one in protocol_of(row.id).unapproved_rules if one not in rules)


def _is_approved(row: ProtocolRow, market_id: UUID) -> bool:
    """Whether a clinician of the market has signed the version off, and each extra rule of it."""
    approved = _approved(SignOff.objects.filter(market_id=market_id, protocol=row))
    return row.id in approved and not _open_rules(row, approved)


def _version(row: ProtocolRow, market_id: UUID, current: bool) -> ProtocolVersion:  # noqa: FBT001
    open_rules = unapproved_in(market_id, row)
    return ProtocolVersion(
        code=row.code,
        version=row.version,
        name=row.name,
        drafted=row.market_id is not None,
        current=current,
        approved=_is_approved(row, market_id),
        extra_rules=[
            RuleToApprove(rule.code, rule.text, rule.code not in open_rules)
            for rule in protocol_of(row.id).extra_rules
        ],
        data=row.data,
    )
