"""What patients tell of how they are: how soon somebody has to look, and whose task that is."""

from __future__ import annotations

from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence
from dispatch.domain.tasks import TaskKind

LONGEST_REPORT = 2000


class Haste(StrEnum):
    """How soon the patient needs an answer."""

    CAN_WAIT = "can_wait"
    TODAY = "today"
    NOW = "now"
    SELF_HARM = "self_harm"


PRESSING = frozenset({Haste.TODAY, Haste.NOW, Haste.SELF_HARM})
"""What cannot wait for the next time somebody looks."""
IN_DANGER = frozenset({Haste.NOW, Haste.SELF_HARM})
"""Who is told at once where help is to be had; they need not find words first."""
SENTENCES = {
    Haste.CAN_WAIT: "The patient reports a symptom; it can wait until tomorrow.",
    Haste.TODAY: "The patient reports a symptom and asks to be called today.",
    Haste.NOW: "The patient reports a symptom and needs help now; 911 was named. Call.",
    Haste.SELF_HARM: "The patient reports thoughts of self-harm; 988 was named. Call now.",
}


def task_for(haste: Haste) -> TaskKind:
    """Return the kind of task; thoughts of self-harm are a red flag wherever they are told."""
    return TaskKind.RED_FLAG if haste is Haste.SELF_HARM else TaskKind.SYMPTOM_REPORTED


def read_report(text: str, haste: Haste) -> str:
    """Return what was written, as the task has it. Raises Invalid for too much or nothing."""
    said = text.strip()
    if len(said) > LONGEST_REPORT:
        raise Invalid({"text": Sentence("At most {most} characters.", most=LONGEST_REPORT)})
    if not said and haste not in IN_DANGER:
        raise Invalid({"text": "Say in a few words what you notice."})
    return f"{SENTENCES[haste]} {said}".strip()
