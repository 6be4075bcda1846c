"""Every nurse's answer to a visit: the burden it would be, or the rules it would break."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from dispatch.domain.clock import instant, seconds
from dispatch.models import Nurse, Visit
from dispatch.planning import explain, problem
from dispatch.planning.rules import Breach
from dispatch.selectors.claims import Claim, claim_of
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.routes import routes_between, travel_in, without
from dispatch.selectors.slots import grid_starts

SENTENCES = {
    "bookable_hours": "No bookable start is left in the window; the nearest is {minutes} min off.",
    "licensed_in_state": "No licence in {subject} through the visit's end.",
    "certified": "No valid certificate {subject} through the visit's end.",
    "asked_nurse": "The patient was promised another nurse.",
    "patient_is_free": "The patient has another visit then.",
    "supervised": "No supervising clinician has room for the infusion then.",
    "within_shift": "Home {minutes} min after the shift's end.",
    "arrives_in_window": "Arrives {minutes} min after the window.",
    "next_visit_on_time": "A later patient would wait {minutes} min beyond the promised window.",
    "not_in_the_past": "The window has passed.",
}

THE_PATIENTS_TO_WAIVE = frozenset({"asked_nurse"})
"""Rules that stand for the patient's sake: see ``patient_agreed`` in services/assignment.py."""

FIX_WITHIN = timedelta(days=1)
"""How far beyond an unpromised window a bookable start is looked for that would help."""


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that stands in the way, its sentence, and by how much (seconds)."""

    rule: str
    subject: str
    amount: int
    sentence: str

    def as_fact(self) -> dict[str, Any]:
        return {"rule": self.rule, "amount_s": self.amount, "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class Fix:
    """The smallest change that would help: see dispatch/planning/explain.py."""

    change: str
    code: str
    amount: int

    def as_fact(self) -> dict[str, Any]:
        return {"change": self.change, "code": self.code, "amount": self.amount}


class Standing(StrEnum):
    """Whether a nurse can have a visit, could with the patient's word, or cannot."""

    CAN = "can"
    IF_AGREED = "if_agreed"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Candidate:
    nurse_id: UUID
    nurse_name: str
    shift_id: UUID
    start: datetime | None
    detour_s: int | None
    breaches: tuple[BrokenRule, ...]
    fixes: tuple[Fix, ...]

    @property
    def standing(self) -> Standing:
        """Nothing but the patient's own wish can be set aside by hand, with what they said."""
        if not self.breaches:
            return Standing.CAN
        waived = all(one.rule in THE_PATIENTS_TO_WAIVE for one in self.breaches)
        return Standing.IF_AGREED if waived else Standing.CANNOT


def candidates_for(visit: Visit, *, now: datetime) -> tuple[Candidate, ...]:
    """Return every nurse on shift in the visit's window, those who can first, then by breaches.

    Until a window is promised, a nurse can who could be promised some bookable window in it:
    exactly those to whom ``selectors.slots.best_offer`` would give the visit.
    """
    claim = claim_of(visit, now=now)
    service = timedelta(seconds=claim.request.service)
    routes = routes_between(
        visit.market_id, visit.window_start, visit.window_end + service, now=now
    )
    found = _judged(visit, claim, without(routes, visit.reservation_id), now)
    names = dict(
        Nurse.objects.filter(id__in={one.nurse for one in found}).values_list("id", "name")
    )
    return tuple(_candidate(one, names[one.nurse]) for one in found)


def _judged(
    visit: Visit, claim: Claim, routes: tuple[problem.Shift, ...], now: datetime
) -> tuple[explain.Candidate, ...]:
    travel, at = travel_in(visit.market_id), seconds(now)
    if visit.window_promised:
        return explain.candidates(claim.request, routes, travel, at)
    protocol, until = protocol_of(visit.protocol_id), max(visit.window_end, now)
    near = grid_starts(
        protocol, visit.location.zone, visit.window_start - FIX_WITHIN, until + FIX_WITHIN
    )
    width = protocol.booking.arrival_window_s
    return explain.open_candidates(claim.request, near, width, routes, travel, at)


def _candidate(one: explain.Candidate, name: str) -> Candidate:
    return Candidate(
        nurse_id=one.nurse,
        nurse_name=name,
        shift_id=one.shift,
        start=None if one.burden is None else instant(one.burden.start),
        detour_s=None if one.burden is None else one.burden.detour_s,
        breaches=tuple(_broken(breach) for breach in one.breaches),
        fixes=tuple(Fix(fix.change, fix.code, fix.amount) for fix in one.fixes),
    )


def _broken(breach: Breach) -> BrokenRule:
    sentence = SENTENCES[breach.rule].format(
        subject=breach.subject, minutes=-(-breach.amount // 60)
    )
    return BrokenRule(breach.rule, breach.subject, breach.amount, sentence)
