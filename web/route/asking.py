"""Before a step is told, the phone asks what speaks against it; without a connection it cannot."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from dispatch.domain.errors import Invalid
from dispatch.selectors.before_steps import against
from dispatch.selectors.translating import said
from web.guarding import Visitor
from web.refusals import said_of


def before(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Answer with closed gates, what is missing, and why it is not her turn; keep nothing."""
    try:
        asked = json.loads(request.body)
    except ValueError as fault:
        raise Invalid({"step": said_of("unreadable")}) from fault
    if not isinstance(asked, dict):
        raise Invalid({"step": said_of("unreadable")})
    found = against(
        visitor.by, visit_id, asked.get("step"), asked.get("waiting", []), now=visitor.now
    )
    gates = [_told(gate, visitor.language) for gate in found.gates]
    return JsonResponse({**asdict(found), "gates": gates, "nothing": found.is_nothing})


def _told(gate: dict[str, str], language: str) -> dict[str, str]:
    reason = said(gate["reason"], language)
    return {"name": gate["name"], "reason": reason.text, "lang": reason.lang}
