"""The words of the tools that plan the day, for the page of the board, which has others."""

from typing import Any

from django import template

from web.languages import words

KINDS = ("plan", "repair", "absence", "undo")

register = template.Library()


@register.simple_tag
def planning_words() -> dict[str, Any]:
    """Return what the tools say, and each of them with its word."""
    told = words("board_planning")
    return {**told, "kinds": [{"name": one, "word": told[f"tool_{one}"]} for one in KINDS]}


@register.filter
def minutes(seconds: int) -> int:
    """Return whole minutes of driving, to the nearest."""
    return round(seconds / 60)


@register.filter
def rule_in(rule: str, told: dict[str, str]) -> str:
    """Return a rule of planning in words; one that has none by its name."""
    return told.get(f"rule_{rule}", rule)
