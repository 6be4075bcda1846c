"""What every page of the nurse's route carries for the scripts that send and keep."""

from __future__ import annotations

from typing import Any

from django import template

from dispatch.models import User
from dispatch.selectors.clock import clock_offset_of
from web.languages import words

register = template.Library()


@register.simple_tag
def offline_words() -> dict[str, str]:
    """Return the words of the line that tells what has been sent."""
    return words("route_offline")


@register.simple_tag
def ahead_ms(user: Any) -> int:
    """Return by how much the market's clock is ahead of a right phone's: nothing but in a demo."""
    if not isinstance(user, User):
        return 0
    return round(clock_offset_of(user.market_id).total_seconds() * 1000)
