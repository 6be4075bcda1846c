"""Who was shown what: every door that shows personal data leaves a line in the audit trail.

``Door`` calls ``keep_trail`` before each answer, so that no view has to think of it. What is not
listed here is taken to show somebody's data.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DatabaseError
from rest_framework import status
from rest_framework.request import Request

from dispatch import audit, tenancy
from dispatch.domain.people import Role
from dispatch.models import User

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from api.door import Door

NOTHING_PERSONAL = frozenset(
    {
        "ContactTerms",
        "CustodyInventory",
        "Me",
        "MessageEngine",
        "ProtocolVersions",
        "Protocols",
        "SharingTerms",
        "Slots",
        "Supervisions",
        "Vials",
        "WebhookDeliveries",
        "Webhooks",
    }
)
"""Doors of which a GET shows no data of a person, or only whoever asks to themselves."""
NOTED_BEHIND = frozenset({"BrokenGlassRecord", "MyExport"})
"""Doors behind which the service notes each look itself, as a deed of its own name."""
SEARCHES = frozenset({"PatientSearch"})
"""Doors that are asked by POST and only show: what is personal stands in no address."""
NEEDED_AT_THE_BED = frozenset({"MyRoute", "VisitDetail"})
"""Doors that a nurse is let through though the line cannot be written: she is with a patient."""
NAMED_IN_A_QUERY = ("visit", "patient", "location", "nurse")


log = logging.getLogger(__name__)


def keep_trail(door: Door, request: Request, answer: HttpResponseBase) -> None:
    """Note what a signed-in person was shown, or that a door or a row was closed to them.

    Raises DatabaseError where that cannot be, unless a nurse needs what she is shown: then it is
    logged and counted.
    """
    try:
        _note(door, request, answer)
    except DatabaseError as fault:
        if not _is_needed(door, request, answer):
            raise
        audit.UNWRITTEN.inc()
        facts = {
            "door": type(door).__name__,
            "user_id": str(request.user.pk),
            "subject_id": str(_subject(door, request)[1]),
            "fault": type(fault).__name__,
        }
        log.error("a nurse's look is not in the audit trail", extra=facts)  # noqa: TRY400


def _is_needed(door: Door, request: Request, answer: HttpResponseBase) -> bool:
    is_look = request.method in {"GET", "HEAD"} and status.is_success(answer.status_code)
    is_nurse = isinstance(request.user, User) and request.user.role == Role.NURSE
    return is_look and is_nurse and type(door).__name__ in NEEDED_AT_THE_BED


def _note(door: Door, request: Request, answer: HttpResponseBase) -> None:
    shows = _shows(door, str(request.method)) and status.is_success(answer.status_code)
    closed = answer.status_code in {status.HTTP_403_FORBIDDEN, status.HTTP_404_NOT_FOUND}
    if not (shows or closed) or not isinstance(request.user, User):
        return
    kind, subject_id = _subject(door, request)
    with tenancy.within(request.user.market_id):
        by, operation = door.by(request), f"{request.method} {type(door).__name__}"
        now = door.moment or door.now(by)
        if shows:
            data = getattr(answer, "data", None)
            audit.read(by, operation, kind, subject_id, shown=_rows_in(data), now=now)
        elif subject_id is not None or answer.status_code == status.HTTP_403_FORBIDDEN:
            audit.deny(by, operation, kind, subject_id, now=now)


def _shows(door: Door, method: str) -> bool:
    name = type(door).__name__
    if method == "POST":
        return name in SEARCHES
    return method in {"GET", "HEAD"} and name not in NOTHING_PERSONAL | NOTED_BEHIND


def _subject(door: Door, request: Request) -> tuple[str, UUID | None]:
    """The kind and id of what the address names; else the door and nothing."""
    for name, value in door.kwargs.items():
        if isinstance(value, UUID):
            return name.removesuffix("_id"), value
    for name in NAMED_IN_A_QUERY:
        try:
            return name, UUID(request.query_params[name])
        except (KeyError, ValueError):
            continue
    return type(door).__name__, None


def _rows_in(data: Any) -> int | None:
    """How many rows an answer shows: those of a page, or one; None where it is no JSON."""
    if isinstance(data, dict):
        return len(data["results"]) if isinstance(data.get("results"), list) else 1
    return len(data) if isinstance(data, list) else None
