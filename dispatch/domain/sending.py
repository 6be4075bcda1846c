"""Whether a message still has its reason, judged at the moment of sending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dispatch.domain.expected import is_earlier_again, is_late
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.messages import Kind, Need
from dispatch.domain.visit import Status

STAYS_TRUE = (Kind.CANCELLED.value, Kind.COMPANION_REPLACED.value)
"""Kinds that are not dropped because the visit is called off or moves."""

ANSWERS = frozenset({Kind.CANCELLED})
"""Kinds that tell of an end, and so are sent after it."""

REMINDERS = frozenset(
    {
        Kind.COMPANION_MISSING,
        Kind.COMPANION_REMINDER,
        Kind.ON_HOLD,
        Kind.TASK,
        Kind.SCREENING_DUE,
        Kind.EATING,
        Kind.DAY_BEFORE,
        Kind.TWO_HOURS_BEFORE,
    }
)
"""Kinds that are of no use once the nurse may be at the door."""

UNTIL_TREATMENT = frozenset(
    {Kind.COMPANION_REQUEST, Kind.COMPANION_DECLINED, Kind.NURSE_CHANGED, Kind.RESUMED}
)
"""Kinds without which a nurse who comes late finds a visit that cannot begin, or a surprise."""

PROMISES_A_NURSE = frozenset({Kind.DAY_BEFORE, Kind.TWO_HOURS_BEFORE})
"""Kinds that say that the nurse comes: they wait while the visit has none."""

TELL_THE_HOUR = frozenset({Kind.RUNNING_LATE, Kind.EARLIER_AGAIN, Kind.ON_THE_WAY})
"""Kinds that name the start that is now expected."""

TELL_OF_THE_START = TELL_THE_HOUR | {Kind.TWO_HOURS_BEFORE, Kind.NURSE_CHANGED}
"""Kinds after which a person expects the nurse at the start they name, or else in the window."""

BEFORE_ARRIVAL = frozenset({Status.ASSIGNED, Status.EN_ROUTE})
BEFORE_TREATMENT = BEFORE_ARRIVAL | {Status.REQUESTED, Status.ARRIVED}

AFTER_TREATMENT = frozenset({Kind.AFTERCARE, Kind.FOLLOW_UP})
"""Kinds for whoever was treated, also where the visit then broke off."""

AFTER_COMPLETION = frozenset({Kind.FEEDBACK, Kind.NEXT_VISIT})
"""Kinds for whoever was treated to the end."""

CALLED_OFF = frozenset({Status.CANCELLED, Status.NO_SHOW, Status.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Situation:
    """The visit as it is now, and after how many of its moves the message was planned."""

    status: Status
    treated: bool
    window_start: datetime
    moves: int
    planned_after: int
    companion_named: bool
    answer: CompanionAnswer | None
    right_person: bool
    has_nurse: bool
    window_end: datetime
    consent_withdrawn: bool
    expected: datetime | None = None
    """When the nurse is now expected, where the visit has one."""
    told: datetime | None = None
    """Which start the person was told last, where that was another than the window's."""
    need_met: bool = True
    """Whether what the message's rule asks for is so, where that is not told by the rest."""


def why_not(kind: Kind, need: Need | None, now_is: Situation, now: datetime) -> str | None:
    """Return the first reason for which the message must not be sent any more, or None."""
    if not now_is.right_person:
        return "other_person"
    if now_is.consent_withdrawn:
        return "consent_withdrawn"
    if kind is Kind.SUMMARY:
        return None if now_is.status is Status.COMPLETED else "not_completed"
    if kind in ANSWERS:
        return None if now_is.status is Status.CANCELLED else "not_cancelled"
    if kind is Kind.SUSPENDED:
        return None if now_is.status is Status.SUSPENDED else "not_suspended"
    return next(_reasons(kind, need, now_is, now), None)


def is_too_late(kind: Kind, status: Status, window_start: datetime, now: datetime) -> bool:
    """True once what is for the time before a visit is of no use to anybody any more."""
    if kind in UNTIL_TREATMENT:
        return status not in BEFORE_TREATMENT
    return kind in REMINDERS and now >= window_start


def waits_for_a_nurse(kind: Kind, now_is: Situation) -> bool:
    """True while the message would promise a nurse whom nobody has found yet."""
    return kind in PROMISES_A_NURSE and not now_is.has_nurse


def start_to_name(kind: Kind, now_is: Situation) -> datetime | None:
    """Return the expected start that the text names instead of the window, or None.

    A last reminder does so, too, where the nurse will not come within the window.
    """
    if kind in TELL_THE_HOUR:
        return now_is.expected
    late = now_is.expected is not None and now_is.expected > now_is.window_end
    return now_is.expected if late and kind is Kind.TWO_HOURS_BEFORE else None


def _reasons(kind: Kind, need: Need | None, now_is: Situation, now: datetime) -> Iterator[str]:
    if kind is Kind.COMPANION_REPLACED:
        yield from () if now_is.status in BEFORE_TREATMENT | CALLED_OFF else ("too_late",)
        return
    if now_is.planned_after != now_is.moves:
        yield "moved"
    waits = now_is.status is Status.SUSPENDED and need is Need.MEDICATION_OPEN
    if now_is.status in CALLED_OFF and not waits:
        yield "called_off"
    if kind in AFTER_TREATMENT:
        yield from () if now_is.treated else ("not_treated",)
    elif kind in AFTER_COMPLETION:
        yield from () if now_is.status is Status.COMPLETED else ("not_completed",)
    elif now_is.status is Status.ABORTED:
        yield "called_off"
    if is_too_late(kind, now_is.status, now_is.window_start, now):
        yield "too_late"
    if kind is Kind.COMPANION_REQUEST and now_is.answer not in {None, CompanionAnswer.ASKED}:
        yield "answered"
    if kind in TELL_THE_HOUR:
        yield from _hour_is_known(kind, now_is)
    yield from _needs(need, now_is)


def _needs(need: Need | None, now_is: Situation) -> Iterator[str]:
    """What the message's own rule asks for and is not so."""
    if need is Need.COMPANION_EXPECTED and now_is.answer in {None, CompanionAnswer.DECLINED}:
        yield "not_expected"
    if need is Need.COMPANION_DECLINED and now_is.answer is not CompanionAnswer.DECLINED:
        yield "not_declined"
    if need is Need.COMPANION_NAMED and not now_is.companion_named:
        yield "no_companion"
    if need is Need.COMPANION_UNNAMED and now_is.companion_named:
        yield "companion_named"
    if need is Need.COMPANION_ASKED and now_is.answer is not CompanionAnswer.ASKED:
        yield "answered"
    if need is Need.COMPANION_UNCONFIRMED and now_is.answer is CompanionAnswer.CONFIRMED:
        yield "confirmed"
    if not now_is.need_met:
        yield "not_needed"


def _hour_is_known(kind: Kind, now_is: Situation) -> Iterator[str]:
    """Nobody is told of a delay that has been made good, nor once the nurse is there."""
    if now_is.status not in BEFORE_ARRIVAL or now_is.expected is None:
        yield "not_on_the_way"
    elif kind is Kind.ON_THE_WAY:
        yield from () if now_is.status is Status.EN_ROUTE else ("not_on_the_way",)
    elif kind is Kind.RUNNING_LATE:
        late = is_late(now_is.expected, now_is.window_end, now_is.told)
        yield from () if late else ("made_good",)
    elif not is_earlier_again(now_is.expected, now_is.told):
        yield "late_again"
