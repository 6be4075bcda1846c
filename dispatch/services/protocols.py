"""Versions of treatments: the shipped ones are kept as rows, prescribers draft and sign off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Model, OuterRef, Q

from dispatch import audit
from dispatch.domain.answers import form_of
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.fields import FieldError
from dispatch.domain.people import Actor
from dispatch.domain.protocol import Protocol as Terms
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import parse_questionnaire
from dispatch.domain.sentences import Sentence
from dispatch.domain.shipped import load_questionnaires, load_shipped, load_templates
from dispatch.models import (
    Hold,
    Market,
    Protocol,
    Questionnaire,
    Screening,
    Series,
    SignOff,
    Visit,
)
from dispatch.selectors.protocols import READABLE, protocol_of, version_row

LAST_SHIPPED = 1000
"""Shipped versions count up to here; those that are drafted in a market come after."""


@transaction.atomic
def publish_shipped() -> int:
    """Write the versions that are not there yet; return how many protocols were new.

    A new version becomes current, except where a market has signed another one off, and approved
    by nobody: that takes a clinician. Raises Conflict ``version_changed`` where a version that was
    written before now reads differently, ``version_too_old`` where one is in use that cannot be
    read any more.
    """
    _check_readable()
    for data in load_questionnaires():
        _keep_questionnaire(data)
    return sum(_keep_protocol(data) for data in load_shipped())


@transaction.atomic
def draft_version(code: str, data: dict[str, Any], *, by: Actor, now: datetime) -> int:
    """Write a version for the prescriber's own market; return its number.

    Versions of a market count from 1001 on, so that none is ever taken for a shipped one. Raises
    NotFound for a treatment that is not known, Invalid naming the field that is wrong.
    """
    Market.objects.select_for_update(no_key=True).get(id=by.market_id)
    known = Protocol.objects.filter(code=code)
    if not known.filter(market__isnull=True).exists():
        raise NotFound("protocol")
    own = known.filter(market_id=by.market_id).aggregate(last=Max("version"))["last"]
    number = (own or LAST_SHIPPED) + 1
    terms, questionnaire = _read(data | {"code": code, "version": number})
    row = Protocol.objects.create(
        code=code,
        version=number,
        name=terms.name,
        data=data | {"code": code, "version": number},
        questionnaire=questionnaire,
        is_current=False,
        market_id=by.market_id,
        drafted_by_id=by.user_id,
    )
    audit.note(by, "draft", "protocol", row.id, now=now)
    return number


@transaction.atomic
def sign_off(code: str, version: int, *, rules: Sequence[str], by: Actor, now: datetime) -> None:
    """Take responsibility for a version in the prescriber's market, and for the rules named.

    Once each of its extra rules is approved the version is current there. Raises NotFound, Invalid
    for a rule that the version does not have.
    """
    row = version_row(by.market_id, code, version)
    unknown = sorted(set(rules) - {rule.code for rule in protocol_of(row.id).extra_rules})
    if unknown:
        told = Sentence("The version has no such rule: {rules}.", rules=", ".join(unknown))
        raise Invalid({"rules": told})
    signed = SignOff.objects.create(
        market_id=by.market_id,
        protocol=row,
        rules=sorted(set(rules)),
        signed_at=now,
        signed_by_id=by.user_id,
    )
    audit.note(by, "sign_off", "protocol", row.id, now=now)
    audit.note(by, "add", "sign_off", signed.id, now=now)


def _read(data: dict[str, Any]) -> tuple[Terms, Questionnaire]:
    """Parse a draft, and look that all it names is there."""
    _check_letters(data)
    try:
        terms = parse_protocol(data)
        row = _questionnaire_of(terms)
        form_of(terms, parse_questionnaire(row.data))
    except FieldError as fault:
        raise Invalid({f"data.{fault.field}": str(fault)}) from fault
    faults = {
        f"data.extra_rules.{rule.code}.approved": "A rule is approved by signing it off."
        for rule in terms.extra_rules
        if rule.approved
    } | {
        f"data.messages.{rule.template}": "There is no such text."
        for rule in terms.messages
        if rule.task is None and rule.template not in load_templates("en")
    }
    if faults:
        raise Invalid(faults)
    return terms, row


def _questionnaire_of(terms: Terms) -> Questionnaire:
    ref = terms.questionnaire
    row = Questionnaire.objects.filter(code=ref.code, version=ref.version).first()
    if row is None:
        raise FieldError("questionnaire", "there is no such version")
    return row


def _check_letters(data: dict[str, Any]) -> None:
    """PostgreSQL keeps neither null characters nor the halves of a letter."""
    text = json.dumps(data, ensure_ascii=False)
    if "\\u0000" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Invalid({"data": "Write letters that can be kept."})


def _check_readable() -> None:
    users: list[type[Model]] = [Visit, Hold, Series, Screening, SignOff]
    used = (Q(Exists(model._default_manager.filter(protocol=OuterRef("pk")))) for model in users)
    old = Protocol.objects.exclude(READABLE).filter(reduce(or_, used)).order_by("code").first()
    if old is not None:
        raise Conflict(
            "version_too_old",
            f"The database has visits or screenings by {old.code} version {old.version}, which is "
            "of before the first release and cannot be read any more. Begin with an empty "
            "database; for make run, remove the folder var.",
        )


def _keep_questionnaire(data: dict[str, Any]) -> None:
    terms = parse_questionnaire(data)
    row, _ = Questionnaire.objects.get_or_create(
        code=terms.code, version=terms.version, defaults={"data": data}
    )
    _check_same(row, data)


def _keep_protocol(data: dict[str, Any]) -> bool:
    terms = parse_protocol(data)
    versions = Protocol.objects.filter(code=terms.code, market__isnull=True)
    known = versions.filter(version=terms.version).first()
    if known is not None:
        _check_same(known, data)
        return False
    newest = not versions.filter(version__gt=terms.version).exists()
    if newest:
        versions.filter(is_current=True).update(is_current=False)
    Protocol.objects.create(
        code=terms.code,
        version=terms.version,
        name=terms.name,
        data=data,
        questionnaire=Questionnaire.objects.get(
            code=terms.questionnaire.code, version=terms.questionnaire.version
        ),
        is_current=newest,
    )
    return True


def _check_same(row: Protocol | Questionnaire, data: dict[str, Any]) -> None:
    if row.data != data:
        raise Conflict(
            "version_changed",
            f"{row.code} version {row.version} is in use and cannot change; give it a new version.",
        )
