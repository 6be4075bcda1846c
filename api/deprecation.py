"""Operations that will go, in one table: since when that is known, and until when they work.

Their answers carry ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC 8594), and the document marks
them. docs/api.md says how much time lies between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.http import http_date


@dataclass(frozen=True, slots=True)
class Retirement:
    """``guide`` is the address of a page that says what to use instead."""

    since: datetime
    until: datetime
    guide: str


RETIRED: dict[str, dict[str, Retirement]] = {}
"""By door and method, as in the table of policies."""


def headers_of(door: str, method: str) -> dict[str, str]:
    """Return the headers that every answer of an operation carries: none where it stays."""
    retirement = RETIRED.get(door, {}).get(method)
    if retirement is None:
        return {}
    return {
        "Deprecation": f"@{int(retirement.since.timestamp())}",
        "Sunset": http_date(retirement.until.astimezone(UTC).timestamp()),
        "Link": f'<{retirement.guide}>; rel="deprecation"; type="text/html"',
    }
