"""Keeping the treatments that are shipped as rows, each version once."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from dispatch.domain.errors import Conflict
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import parse_questionnaire
from dispatch.domain.shipped import load_questionnaires, load_shipped
from dispatch.models import Protocol, Questionnaire


@transaction.atomic
def publish_shipped() -> int:
    """Write the versions that are not there yet; return how many protocols were new.

    A new version becomes current, and approved by nobody: that takes a clinician. Raises Conflict
    ``version_changed`` where a version that was written before now reads differently.
    """
    for data in load_questionnaires():
        _keep_questionnaire(data)
    return sum(_keep_protocol(data) for data in load_shipped())


def _keep_questionnaire(data: dict[str, Any]) -> None:
    terms = parse_questionnaire(data)
    row, _ = Questionnaire.objects.get_or_create(
        code=terms.code, version=terms.version, defaults={"data": data}
    )
    _check_same(row, data)


def _keep_protocol(data: dict[str, Any]) -> bool:
    terms = parse_protocol(data)
    versions = Protocol.objects.filter(code=terms.code)
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
