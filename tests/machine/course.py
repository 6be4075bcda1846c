"""A second opinion on how far a visit has come, from what was told of it, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

STEPS = ["depart", "arrive", "start-infusion", "end-infusion", "discharge", "complete"]
AFTER = ["en_route", "arrived", "in_treatment", "recovering", "recovering", "completed"]
TIMES = [
    "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at", "discharged_at",
    "completed_at",
]  # fmt: skip
AT_ONE_TIME = [
    "depart", "arrive", "identity", "companion", "home", "vitals", "go_no_go", "checkout",
    "start-infusion", "give", "rate", "medication", "side_effect", "adverse_event",
    "end-infusion", "extend-recovery", "waste", "return", "discrepancy", "discharge", "complete",
    "no-show", "abort", "note",
]  # fmt: skip
"""In which order those count that bear the same time."""

PRICE = 59_500
OWED = {"patient_stopped": 50, "iv_access_failed": 0, "adverse_reaction": 0, "unfit_today": 0}
BASELINE = {
    "systolic_mmhg", "diastolic_mmhg", "heart_rate_bpm", "spo2_percent",
    "respiratory_rate_bpm", "weight_g",
}  # fmt: skip
HOME = {"private_quiet_room", "bed_or_recliner", "pets_and_children"}
MOST_EXTENDED_S = 7200


@dataclass
class Course:
    status: str
    times: dict[str, datetime | None]
    extended_s: int = 0
    code: str = ""
    fee: int | None = None
    taken: list[dict] = field(default_factory=list)


def key(event: dict) -> tuple[datetime, int, UUID]:
    return event["at"], AT_ONE_TIME.index(event["type"]), event["id"]


def course(events: list[dict], *, settled: bool) -> Course:
    """The chain is looked for step by step; what broke it off after the arrival wins."""
    told = sorted(events, key=key)
    taken: list[dict] = []
    for step in STEPS:
        last = key(taken[-1]) if taken else None
        later = (one for one in told if last is None or key(one) > last)
        found = next((one for one in later if one["type"] == step), None)
        if found is None:
            break
        taken.append(found)
    status = AFTER[len(taken) - 1] if taken else "assigned"
    if status == "completed" and not settled:
        status = "recovering"
    times = dict.fromkeys(TIMES) | dict(zip(TIMES, [one["at"] for one in taken], strict=False))
    if not settled:
        times["completed_at"] = None
    minutes = sum(one["data"]["minutes"] for one in told if one["type"] == "extend-recovery")
    found = Course(status, times, min(60 * minutes, MOST_EXTENDED_S), taken=taken)
    if len(taken) > 1:
        _break_off(found, [one for one in told if key(one) > key(taken[1])])
    return found


def _break_off(found: Course, after_arrival: list[dict]) -> None:
    aborts = [one for one in after_arrival if one["type"] == "abort"]
    absent = [one for one in after_arrival if one["type"] == "no-show"]
    if aborts or (absent and len(found.taken) > 2):
        found.status = "aborted"
    elif absent:
        found.status, found.fee = "no_show", PRICE
    if aborts:
        found.code = aborts[0]["data"]["reason"]
        found.fee = PRICE * OWED[found.code] // 100


def lacking(events: list[dict], dose_ug: int, ordered: int | None, refused: set[UUID]) -> set[str]:
    """What an infusion of this dose lacks; ``ordered`` is the order's dose for a kilogram."""
    told = sorted(events, key=key)

    def last(kind: str) -> dict:
        return next((one["data"] for one in reversed(told) if one["type"] == kind), {})

    measured: dict[str, int] = {}
    for one in told:
        measured |= one["data"] if one["type"] == "vitals" else {}
    high = measured.get("systolic_mmhg", 0) > 160 or measured.get("spo2_percent", 99) < 92
    out = [one for one in told if one["type"] == "checkout" and one["id"] not in refused]
    weight, most = measured.get("weight_g"), 1000 if ordered is None else ordered
    found = {
        "identity": last("identity").get("confirmed") is not True,
        "companion": last("companion").get("present") is not True,
        "home": not set(last("home").get("items", [])) >= HOME,
        "vitals": not measured.keys() >= BASELINE,
        "vitals_within_limits": high,
        "go": last("go_no_go").get("decision") != "go",
        "checkout": not out,
        "dose_within_order": weight is not None and dose_ug * 1000 > most * weight,
    }
    return {code for code, wanting in found.items() if wanting}
