"""Proofs of what is said, and not said, about medication."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dispatch.domain.errors import Conflict
from dispatch.domain.shipped import load_questionnaires, load_shipped, load_templates
from dispatch.models import LocalMessage, Screening, Task
from dispatch.services.medication import agree_last_dose
from dispatch.services.screening import clear_screening, record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TODAY, World
from tests.facts.proof import proves
from workers import work

LAST_DOSE = TODAY + timedelta(days=3)
EARLIEST = LAST_DOSE + timedelta(days=14)
TELLS_TO_STOP = re.compile(
    r"\b(stop|quit|discontinue|skip|taper|come off|no longer take)\b[^.]{0,40}"
    r"\b(taking|take|medic\w+|pills?|dose|benzo\w*|tablets?)\b",
    re.IGNORECASE,
)


def screened(world: World) -> Screening:
    screening_id = record_screening(
        patient_id=None, protocol_code=KETAMINE, answers=CLEARED | {"benzodiazepines": True},
        by=world.alice, now=NOW,
    )  # fmt: skip
    return Screening.objects.get(id=screening_id)


@proves("medication.two_weeks")
def a_clinician_agrees_the_last_dose_and_slots_begin_two_weeks_later(world: World) -> None:
    nina, home = world.nurse("nina"), world.home(world.alice)
    for day in (EARLIEST - timedelta(days=1), EARLIEST):
        world.shift(nina, day)
    screening = screened(world)
    assert Task.objects.get(kind="agree_medication").role == "prescriber"
    with pytest.raises(Conflict, match="last dose"):
        clear_screening(screening.id, by=world.dora, now=NOW)
    earliest = agree_last_dose(
        screening.id, rule_code="benzodiazepine", last_dose_on=LAST_DOSE,
        agreed_with="Dr. Okafor", by=world.dora, now=NOW,
    )  # fmt: skip
    assert earliest == EARLIEST
    clear_screening(screening.id, by=world.dora, now=NOW)
    assert world.slots(home, EARLIEST - timedelta(days=1)) == ()
    assert world.slots(home, EARLIEST)


@proves("medication.never_told_to_stop")
def nothing_that_a_patient_reads_says_to_stop(world: World) -> None:
    shipped = [*load_shipped(), *load_questionnaires(), load_templates("en")]
    words = [text for data in shipped for text in texts_in(data)]
    assert len(words) > 100
    assert [one for one in words if TELLS_TO_STOP.search(one)] == []
    assert TELLS_TO_STOP.search("Please stop taking your medication."), "it would be found"
    (reason,) = json.loads(screened(world).reasons)
    assert "Keep taking it as prescribed until they have spoken with you." in reason["text"]
    work.do_all()
    assert LocalMessage.objects.count() == 0, "a clinician has a task; nobody is sent a text"


def texts_in(data: object) -> Iterator[str]:
    """Every string of the data, however deep."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)
