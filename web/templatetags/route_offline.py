"""What every page of the nurse's route carries for the scripts that send and keep."""

from __future__ import annotations

from typing import Any

from django import template

from dispatch.models import User
from dispatch.selectors.clock import clock_offset_of, zone_of
from web.languages import words

register = template.Library()


@register.simple_tag
def offline_words() -> dict[str, str]:
    """Return the words of the line that tells what has been sent."""
    return words("route_offline")


@register.simple_tag
def phone_clock(user: Any) -> dict[str, str | int]:
    """Return the market's zone, and by how much its clock is ahead of a right phone's: not at all
    but in a demo."""
    if not isinstance(user, User):
        return {"zone": "UTC", "ahead_ms": 0}
    ahead = clock_offset_of(user.market_id)
    return {"zone": zone_of(user.market_id), "ahead_ms": round(ahead.total_seconds() * 1000)}
