"""What the preview says: lines of the day, and when a rule's message goes out, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from dispatch.domain import texts
from dispatch.domain.channels import Language
from dispatch.domain.clock import local
from dispatch.domain.messages import AtEvent, BeforeStart, DaysBefore, Kind, SameDay, When
from dispatch.domain.tasks import TaskKind
from dispatch.selectors.message_day import DayLine, Progress
from web.languages import words
from web.of_messages import because_of, of_message

PAGE = "messages"
AN_HOUR_S, A_DAY_S = 3600, 86_400
MARKS = {
    Progress.DUE: "◷",
    Progress.FAILING: "↻",
    Progress.SENT: "→",
    Progress.DELIVERED: "✓",
    Progress.WITHDRAWN: "–",
    Progress.DEAD: "✕",
}


@dataclass(frozen=True, slots=True)
class LineTold:
    """A line in words: ``whom`` says to whom it goes, ``how`` by which way."""

    line: DayLine
    hour: str
    what: str
    whom: str
    how: str
    mark: str
    state: str
    because: str
    to_come: bool


@dataclass(frozen=True, slots=True)
class StateTold:
    """A state with its count, and where the messages in it are shown."""

    mark: str
    name: str
    count: int
    address: str
    chosen: bool
    code: str


def line_told(one: DayLine, zone: str, language: Language) -> LineTold:
    told = words(PAGE)
    about = told[f"line__{one.audience}"].format(patient=one.patient)
    how = f"channel__{one.channel}"
    waiting = one.progress in {Progress.DUE, Progress.FAILING}
    nobody = waiting and one.task is None and not one.channel
    return LineTold(
        line=one,
        hour=texts.clock(local(one.at, zone), language),
        what=kind_told(one.kind, one.task),
        whom=f"{one.companion}, {about}" if one.companion else about,
        how=told["nobody"] if nobody else of_message(how) if one.channel else "",
        mark=MARKS[one.progress],
        state=told[f"progress__{one.progress}"],
        because=because_of(one.because) if one.because else "",
        to_come=waiting,
    )


def kind_told(kind: Kind, task: TaskKind | None) -> str:
    """Say what a message is, or which task of staff it is."""
    return of_message(f"message__{kind}") if task is None else words("inbox")[f"name_{task}"]


def when_told(when: When | None, language: Language) -> str:
    """Say when a rule's message goes out; what hangs on no rule follows a completed visit."""
    told = words(PAGE)
    if when is None:
        return told["when__completed"]
    if isinstance(when, AtEvent):
        return told[f"when__{when.event}"]
    if isinstance(when, BeforeStart):
        return _before_start(when.seconds)
    hour = _hour(when.at, language)
    if isinstance(when, SameDay):
        return told["when_on_day"].format(hour=hour)
    side = "before" if isinstance(when, DaysBefore) else "after"
    one = told[f"when_day_{side}"].format(hour=hour)
    return one if when.days == 1 else told[f"when_days_{side}"].format(count=when.days, hour=hour)


def _before_start(seconds: int) -> str:
    told = words(PAGE)
    days, rest = divmod(seconds, A_DAY_S)
    if rest:
        return told["when_hours_before"].format(count=f"{seconds / AN_HOUR_S:g}")
    one = told["when_day_before_start"]
    return one if days == 1 else told["when_days_before_start"].format(count=days)


def _hour(at: time, language: Language) -> str:
    return texts.clock(datetime.combine(date.min, at, UTC), language)
