"""The states of a visit and the one table by which it passes from one to the next."""

from collections.abc import Iterator
from enum import StrEnum

from dispatch.domain.errors import Conflict


class Status(StrEnum):
    REQUESTED = "requested"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    IN_TREATMENT = "in_treatment"
    RECOVERING = "recovering"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    ABORTED = "aborted"
    SUSPENDED = "suspended"


class Action(StrEnum):
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    DEPART = "depart"
    ARRIVE = "arrive"
    START_INFUSION = "start-infusion"
    END_INFUSION = "end-infusion"
    DISCHARGE = "discharge"
    COMPLETE = "complete"
    NO_SHOW = "no-show"
    ABORT = "abort"
    CORRECT = "correct"
    REOPEN = "reopen"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.REQUESTED, Action.ASSIGN): Status.ASSIGNED,
    (Status.REQUESTED, Action.RESCHEDULE): Status.REQUESTED,
    (Status.REQUESTED, Action.CANCEL): Status.CANCELLED,
    (Status.REQUESTED, Action.SUSPEND): Status.SUSPENDED,
    (Status.ASSIGNED, Action.ASSIGN): Status.ASSIGNED,
    (Status.ASSIGNED, Action.UNASSIGN): Status.REQUESTED,
    (Status.ASSIGNED, Action.RESCHEDULE): Status.REQUESTED,
    (Status.ASSIGNED, Action.CANCEL): Status.CANCELLED,
    (Status.ASSIGNED, Action.SUSPEND): Status.SUSPENDED,
    (Status.ASSIGNED, Action.DEPART): Status.EN_ROUTE,
    (Status.SUSPENDED, Action.RESUME): Status.REQUESTED,
    (Status.SUSPENDED, Action.CANCEL): Status.CANCELLED,
    (Status.EN_ROUTE, Action.ARRIVE): Status.ARRIVED,
    (Status.EN_ROUTE, Action.CANCEL): Status.CANCELLED,
    (Status.ARRIVED, Action.START_INFUSION): Status.IN_TREATMENT,
    (Status.ARRIVED, Action.NO_SHOW): Status.NO_SHOW,
    (Status.ARRIVED, Action.ABORT): Status.ABORTED,
    (Status.IN_TREATMENT, Action.END_INFUSION): Status.RECOVERING,
    (Status.IN_TREATMENT, Action.ABORT): Status.ABORTED,
    (Status.RECOVERING, Action.DISCHARGE): Status.RECOVERING,
    (Status.RECOVERING, Action.COMPLETE): Status.COMPLETED,
    (Status.RECOVERING, Action.ABORT): Status.ABORTED,
    (Status.COMPLETED, Action.CORRECT): Status.ABORTED,
    (Status.NO_SHOW, Action.CORRECT): Status.ABORTED,
    (Status.COMPLETED, Action.REOPEN): Status.RECOVERING,
}
"""Nobody asks for ``correct`` or ``reopen``: what a phone tells late may need them."""

ON_ROUTE = frozenset(
    {
        Status.ASSIGNED,
        Status.EN_ROUTE,
        Status.ARRIVED,
        Status.IN_TREATMENT,
        Status.RECOVERING,
        Status.COMPLETED,
    }
)
"""Statuses in which the visit has a nurse and times."""

UNDER_WAY = frozenset(
    {Status.EN_ROUTE, Status.ARRIVED, Status.IN_TREATMENT, Status.RECOVERING, Status.COMPLETED}
)
"""Statuses in which the visit keeps its times: the nurse has set out."""

STANDS = frozenset({Status.REQUESTED, Status.ASSIGNED, Status.SUSPENDED})
"""Statuses in which nobody has set out yet: what is called off with its series."""

ENDED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.ABORTED})

BROKEN_OFF = frozenset({Status.NO_SHOW, Status.ABORTED})
"""Statuses in which the visit ended at the door without its treatment having been completed."""

AT_THE_DOOR = frozenset(
    {
        Action.DEPART,
        Action.ARRIVE,
        Action.START_INFUSION,
        Action.END_INFUSION,
        Action.COMPLETE,
        Action.NO_SHOW,
        Action.ABORT,
        Action.CORRECT,
        Action.REOPEN,
    }
)
"""The actions that follow from what happened at the door."""


def advance(status: Status, action: Action) -> Status:
    """Return the status after ``action``; Conflict ``wrong_status`` where the table has no row."""
    after = TRANSITIONS.get((status, action))
    if after is None:
        raise Conflict(
            "wrong_status",
            f"A visit that is {status.value} cannot {action.value}.",
            visit_status=status.value,
            action=action.value,
        )
    return after


def way_at_the_door(before: Status, after: Status) -> tuple[Status, ...]:
    """Return the shortest way along the table from one status to another, the latter included.

    Only what happens at the door leads on. Raises ValueError where no way leads there.
    """
    ways: list[tuple[Status, ...]] = [(before,)]
    for way in ways:
        if way[-1] is after:
            return way[1:]
        ways += [(*way, one) for one in _next_at_the_door(way[-1]) if one not in way]
    raise ValueError(f"nothing at the door leads from {before.value} to {after.value}")


def _next_at_the_door(status: Status) -> Iterator[Status]:
    for (before, action), after in TRANSITIONS.items():
        if before is status and action in AT_THE_DOOR:
            yield after
