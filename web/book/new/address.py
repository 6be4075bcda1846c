"""Where, what and how much is booked, as one part of an address: ids, and nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

UUID_AS_WRITTEN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class How(StrEnum):
    """One visit, or all infusions of an induction together."""

    VISIT = "visit"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an address says was chosen; whether there is such a thing is looked up."""

    location_id: UUID
    protocol_id: UUID
    how: How


class WayConverter:
    """Reads and writes ``<location>/<protocol>/<how>``."""

    regex = f"{UUID_AS_WRITTEN}/{UUID_AS_WRITTEN}/(?:{'|'.join(How)})"

    def to_python(self, text: str) -> Chosen:
        location, protocol, how = text.split("/")
        return Chosen(UUID(location), UUID(protocol), How(how))

    def to_url(self, chosen: Chosen) -> str:
        return f"{chosen.location_id}/{chosen.protocol_id}/{chosen.how.value}"
