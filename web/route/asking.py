"""Before a step is told, the phone asks what speaks against it; without a connection it cannot."""

from __future__ import annotations

import json
from dataclasses import asdict
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from dispatch.domain.errors import Invalid
from dispatch.selectors.before_steps import against
from web.guarding import Visitor


def before(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Answer with closed gates, what is missing, and why it is not her turn; keep nothing."""
    try:
        asked = json.loads(request.body)
    except ValueError as fault:
        raise Invalid({"step": "Send JSON."}) from fault
    if not isinstance(asked, dict):
        raise Invalid({"step": "Send an object."})
    found = against(
        visitor.by, visit_id, asked.get("step"), asked.get("waiting", []), now=visitor.now
    )
    return JsonResponse({**asdict(found), "nothing": found.is_nothing})
