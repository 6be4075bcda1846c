"""Answers to questions as people read them."""

from django import template

register = template.Library()


@register.filter
def choices(value: str | list[str]) -> str:
    """Return what was chosen of a question's choices, e.g. ``major depression, ptsd``."""
    chosen = [value] if isinstance(value, str) else value
    return ", ".join(one.replace("_", " ") for one in chosen)
