"""PHQ-9 and GAD-7: how the items are scored, and which answer cannot wait."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence

MOST_POINTS = 3
SUICIDAL_ITEM = 9
"""The PHQ-9's last item asks for thoughts of being better off dead or of self-harm."""


class Instrument(StrEnum):
    """Each item is answered from 0, not at all, to 3, nearly every day."""

    PHQ_9 = "phq9"
    GAD_7 = "gad7"


ITEMS = {Instrument.PHQ_9: 9, Instrument.GAD_7: 7}


def total_of(instrument: Instrument, items: Sequence[int]) -> int:
    """Return the sum of the items; Invalid where one is missing or out of range."""
    if len(items) != ITEMS[instrument]:
        number = ITEMS[instrument]
        raise Invalid({"items": Sentence("This questionnaire has {number} items.", number=number)})
    if not all(0 <= one <= MOST_POINTS for one in items):
        pattern = "Each item is answered from 0 to {most}."
        raise Invalid({"items": Sentence(pattern, most=MOST_POINTS)})
    return sum(items)


def is_red_flag(instrument: Instrument, items: Sequence[int]) -> bool:
    """Tell whether a clinician has to look at once."""
    return instrument is Instrument.PHQ_9 and items[SUICIDAL_ITEM - 1] > 0
