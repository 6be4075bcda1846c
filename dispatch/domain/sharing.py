"""With whom a patient shares the summaries of visits, and how these are reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class RecipientKind(StrEnum):
    MENTAL_HEALTH_PROVIDER = "mental_health_provider"
    PRIMARY_PHYSICIAN = "primary_physician"


class Channel(StrEnum):
    """How a recipient is reached."""

    TEXT = "text"
    EMAIL = "email"


SENDS = frozenset({Channel.TEXT})
"""Channels that the service has; for another one a dispatcher sees what could not be sent."""

LINK_LASTS = timedelta(days=30)
"""How long after the visit the link to a summary opens; the wording says so too."""


@dataclass(frozen=True, slots=True)
class SharingTerms:
    """What the patient agrees to, in its present version."""

    version: int
    text: str
