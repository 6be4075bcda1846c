"""With whom a patient shares the summaries of visits, and how these are reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dispatch.domain.channels import Channel, Language


class RecipientKind(StrEnum):
    MENTAL_HEALTH_PROVIDER = "mental_health_provider"
    PRIMARY_PHYSICIAN = "primary_physician"


REACHED_BY = (Channel.TEXT, Channel.EMAIL)
"""How a recipient can be reached."""
WRITTEN_IN = Language.ENGLISH
"""What recipients read: nobody asks them for their language."""

LINK_LASTS = timedelta(days=30)
"""How long after the visit the link to a summary opens; the wording says so too."""


@dataclass(frozen=True, slots=True)
class SharingTerms:
    """What the patient agrees to, in its present version."""

    version: int
    text: str
