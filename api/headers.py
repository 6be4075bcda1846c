"""The headers that many doors take or send, as the OpenAPI document tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from api.idempotency import HEADER, KEY_FORM, LONGEST_KEY, REPLAYED

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": f"^{KEY_FORM}$"},
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours, it gets the first answer, and nothing is done twice.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="The ETag as it was read: the change is made only if it still holds (else 412).",
)
VERSION = r'(?:W/)?"?([0-9]{1,9})(?:-[0-9a-f]+)?"?'
IF_VERSION = OpenApiParameter(
    IF_MATCH.name,
    {"type": "string", "pattern": rf"^(\*|{VERSION})$"},
    OpenApiParameter.HEADER,
    description=IF_MATCH.description,
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="The ETag as it was read: 304 without a body while it still holds.",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A header of answers; ``statuses`` are the refusals that always carry it."""

    told: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    statuses: frozenset[int] = frozenset()

    def shown(self) -> dict[str, Any]:
        return {"description": self.told, "schema": self.schema}


SENT = {
    "ETag": Sent("What is shown, in one word: see If-Match and If-None-Match."),
    REPLAYED: Sent("On the kept answer of an earlier request with this key.", {"const": "true"}),
    "Retry-After": Sent(
        "Seconds to wait.", {"type": "integer", "minimum": 1}, frozenset({429, 503})
    ),
    "WWW-Authenticate": Sent("How to sign in.", statuses=frozenset({401})),
}
