"""How far a visit has come, told from what happened at the door, in whichever order it was sent.

The events are sorted by the device's time; whatever is a step leads on where the table of states
lets it, and is out of turn where not. So the status is the same for every order of arrival, and
more events only ever lead further: along the chain, to a visit broken off, or – where a completed
visit turns out to have its drug not accounted for – back to recovery until it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.domain.field_events import BREAKS_OFF, EventType, FieldEvent, in_order
from dispatch.domain.visit import TRANSITIONS, Action, Status, advance

CHAIN = (
    Action.DEPART,
    Action.ARRIVE,
    Action.START_INFUSION,
    Action.END_INFUSION,
    Action.DISCHARGE,
    Action.COMPLETE,
)
STEPS: Mapping[EventType, Action] = {EventType(action.value): action for action in CHAIN}


@dataclass(frozen=True, slots=True)
class Course:
    """``taken`` are the steps that led on, ``breaks`` what broke the visit off, in device order.

    ``stray`` are steps out of turn. A completion that waits for the drug's account is in ``taken``,
    while the status is that of recovery.
    """

    status: Status
    taken: Mapping[Action, FieldEvent]
    breaks: tuple[FieldEvent, ...]
    stray: tuple[FieldEvent, ...]


def course_of(events: Iterable[FieldEvent], *, settled: bool) -> Course:
    """Walk the events that count; ``settled`` says whether the drug is accounted for."""
    status, taken = Status.ASSIGNED, dict[Action, FieldEvent]()
    breaks: list[FieldEvent] = []
    stray: list[FieldEvent] = []
    for event in sorted(events, key=in_order):
        action = STEPS.get(event.type)
        if event.type in BREAKS_OFF:
            (breaks if Action.ARRIVE in taken else stray).append(event)
        elif action is not None and _follows(status, action, taken):
            taken[action] = event
            status = advance(status, action)
        elif action is not None:
            stray.append(event)
    if status is Status.COMPLETED and not settled:
        status = Status.RECOVERING
    if breaks:
        status = _broken(breaks, treated=Action.START_INFUSION in taken)
    return Course(status, taken, tuple(breaks), tuple(stray))


def _follows(status: Status, action: Action, taken: Mapping[Action, FieldEvent]) -> bool:
    if action is Action.COMPLETE and Action.DISCHARGE not in taken:
        return False
    return (status, action) in TRANSITIONS and action not in taken


def _broken(breaks: Iterable[FieldEvent], *, treated: bool) -> Status:
    """Nobody was there, unless something says that somebody was."""
    absent = all(event.type is EventType.NO_SHOW for event in breaks)
    return Status.NO_SHOW if absent and not treated else Status.ABORTED
