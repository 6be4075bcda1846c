"""When a person may be disturbed."""

from __future__ import annotations

from datetime import datetime

from dispatch.domain.messages import Kind


def allowed_from(
    kind: Kind,  # noqa: ARG001
    moment: datetime,
    zone: str,  # noqa: ARG001
    *,
    before: datetime | None,  # noqa: ARG001
) -> datetime:
    """Return the moment itself where the message may go then, else the next one at which it may."""
    return moment
