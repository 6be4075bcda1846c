"""In which notation a door answers: by the Accept header, or by ``format`` where there are two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation


class Negotiation(DefaultContentNegotiation):
    """As REST Framework's own; a format that there is not is a fault of the query."""

    def filter_renderers(self, renderers: Iterable[Any], format: str) -> list[Any]:  # noqa: A002
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = sorted({renderer.format for renderer in renderers})
            raise ValidationError({"format": f"One of {', '.join(known)}."})
        return found
