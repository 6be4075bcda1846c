"""How a message stands just now, by its rule and by the visit as it is: may it go, and as what?

Whoever sends it asks here, and so does whoever shows what would be sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.messages import Kind
from dispatch.domain.quiet import allowed_from
from dispatch.domain.sending import start_to_name, waits_for_a_nurse, why_not
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message
from dispatch.selectors.needs import is_met
from dispatch.selectors.situations import Facts
from dispatch.selectors.wording import need_of, spoken, task_of


@dataclass(frozen=True, slots=True)
class Judged:
    """``reason`` is why it must not be sent any more; ``waits`` is true while it would promise a
    nurse whom the visit has not; ``task`` is what staff get instead of a text; ``start`` is the
    expected start that its text names instead of the window."""

    reason: str | None
    waits: bool
    task: TaskKind | None
    allowed_from: datetime
    start: datetime | None


def judged_now(message: Message, facts: Facts, now: datetime) -> Judged:
    """Return how the message stands by these facts."""
    visit, kind = facts.visits[message.visit_id], Kind(message.kind)
    need = need_of(visit, message.template)
    situation = replace(facts.situation(message), need_met=is_met(need, visit, now=now))
    start = start_to_name(kind, situation)
    return Judged(
        reason=why_not(kind, need, situation, now),
        waits=waits_for_a_nurse(kind, situation),
        task=task_of(visit, message.template),
        allowed_from=_allowed_from(message, facts, now),
        start=None if start is None else spoken(start),
    )


def _allowed_from(message: Message, facts: Facts, now: datetime) -> datetime:
    """By the clocks of the person; what would come too late for the visit does not wait."""
    visit, reach = facts.visits[message.visit_id], facts.reach.get(message.person_id)
    zone = (reach and reach.zone) or visit.location.zone
    return allowed_from(Kind(message.kind), now, zone, before=visit.window_start)
