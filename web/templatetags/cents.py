"""Money as people read it."""

from django import template

register = template.Library()


@register.filter
def dollars(cents: int) -> str:
    """Return whole cents as dollars, e.g. ``$1,595.00``."""
    return f"${cents // 100:,}.{cents % 100:02}"
