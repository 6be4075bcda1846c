"""Answers to questions as people read them."""

from django import template

register = template.Library()


@register.filter
def chosen(value: str | list[str]) -> list[str]:
    """Return what was chosen of a question's choices: one, or several."""
    return [value] if isinstance(value, str) else value
