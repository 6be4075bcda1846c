"""Events of a visit as a phone might tell them, and what status they must lead to, told anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from dispatch.domain.field_events import EventType, FieldEvent

EIGHT = datetime(2027, 6, 8, 12, tzinfo=UTC)
CHAIN = ["depart", "arrive", "start-infusion", "end-infusion", "discharge", "complete"]
REACHED = [
    "assigned", "en_route", "arrived", "in_treatment", "recovering", "recovering", "completed",
]  # fmt: skip
AT_ONE_TIME = [*CHAIN, "no-show", "abort"]
"""In which order those count that bear the same time."""

DATA = {
    "start-infusion": {"dose_ug": 35_000},
    "discharge": {"criteria": []},
    "abort": {"reason": "patient_stopped"},
    "extend-recovery": {"minutes": 15},
    "vitals": {"systolic_mmhg": 120},
}
OTHERS = ["vitals", "extend-recovery"]


def event(kind: str, minutes: int, number: int = 0, **more) -> FieldEvent:
    data = more.pop("data", DATA.get(kind, {}))
    at = EIGHT + timedelta(minutes=minutes)
    return FieldEvent(UUID(int=number or minutes + 1), EventType(kind), at, data, **more)


def day(*kinds: str) -> list[FieldEvent]:
    """One event after the other, ten minutes apart."""
    return [event(kind, 10 * number) for number, kind in enumerate(kinds)]


@st.composite
def told(draw: st.DrawFn, most: int = 12) -> list[FieldEvent]:
    """Any steps at any times, many of them contradicting each other."""
    kinds = draw(st.lists(st.sampled_from([*AT_ONE_TIME, *OTHERS]), max_size=most))
    minutes = draw(st.lists(st.integers(0, 8), min_size=len(kinds), max_size=len(kinds)))
    whole = draw(st.booleans())
    plain = [event(kind, number, 100 + number) for number, kind in enumerate(CHAIN)]
    return [
        *(plain if whole else []),
        *(event(kind, at, n + 1) for n, (kind, at) in enumerate(zip(kinds, minutes, strict=True))),
    ]


def status_told(events: Iterable[FieldEvent], *, settled: bool) -> str:
    """How far the chain can be found, one step after the other, in what is told; or the break."""
    steps = [one for one in events if one.type.value in AT_ONE_TIME]
    steps.sort(key=lambda one: (one.at, AT_ONE_TIME.index(one.type.value), one.id))
    kinds = [one.type.value for one in steps]
    reached = REACHED[: 1 + max(n for n in range(7) if _within(CHAIN[:n], kinds))]
    breaks = {
        kind
        for number, kind in enumerate(kinds)
        if kind in {"abort", "no-show"} and _within(CHAIN[:2], kinds[:number])
    }
    if breaks:
        return "no_show" if breaks == {"no-show"} and "in_treatment" not in reached else "aborted"
    return "recovering" if reached[-1] == "completed" and not settled else reached[-1]


def _within(steps: Sequence[str], kinds: Sequence[str]) -> bool:
    """Whether the steps are found among the kinds in this order, others between them or not."""
    rest = iter(kinds)
    return all(step in rest for step in steps)
