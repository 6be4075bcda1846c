"""What phones may tell, drawn: true and false, whole and in part."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.machine.course import STEPS
from tests.machine.model import DISCHARGE, HOME, REASONS
from tests.machine.stage import CONTENT
from tests.telling import HERE, WELL

NURSES = st.sampled_from(["nina", "nina", "nora"])
MINUTES = st.sampled_from([0, 1, 5, 10, 15, 30, 60])
LABELS = st.sampled_from(["V1", "V1", "V1", "V2", "VX", "V9"])
AMOUNTS = st.sampled_from([1, 15_000, 20_000, 35_000, CONTENT])
TOLD_OF: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "arrive": st.sampled_from([HERE, {}]),
    "identity": st.fixed_dictionaries({"confirmed": st.sampled_from([True, True, False])}),
    "companion": st.fixed_dictionaries({"present": st.sampled_from([True, True, False])}),
    "home": st.sampled_from([{"items": sorted(HOME)}, {"items": []}]),
    "vitals": st.sampled_from([WELL, {"systolic_mmhg": 190}, {"spo2_percent": 97}]),
    "go_no_go": st.sampled_from([{"decision": "go"}, {"decision": "no_go"}]),
    "start-infusion": st.sampled_from([{"dose_ug": 35_000}, {"dose_ug": 90_000}]),
    "rate": st.just({"ug_per_min": 700}),
    "medication": st.just({"name": "ondansetron"}),
    "side_effect": st.just({"code": "nausea"}),
    "adverse_event": st.just({"severity": "mild", "text": "A rash."}),
    "extend-recovery": st.sampled_from([{"minutes": 15}, {"minutes": 30}]),
    "discharge": st.sampled_from([{"criteria": sorted(DISCHARGE)}, {"criteria": []}]),
    "abort": st.fixed_dictionaries({"reason": st.sampled_from(REASONS)}),
    "note": st.just({"text": "Slept well."}),
    "checkout": st.fixed_dictionaries({"vial": LABELS}),
    "return": st.fixed_dictionaries({"vial": LABELS}),
    "give": st.fixed_dictionaries({"vial": LABELS, "ug": AMOUNTS}),
    "waste": st.fixed_dictionaries({"vial": LABELS, "ug": AMOUNTS}),
    "discrepancy": st.fixed_dictionaries(
        {"vial": LABELS, "ug": st.sampled_from([15_000, -15_000, 1]), "reason": st.just("Lost.")}
    ),
}
KINDS = st.sampled_from([*STEPS, *STEPS, "no-show", *TOLD_OF])
MUST = ["identity", "companion", "home", "vitals", "go_no_go", "checkout"]
RIGHT = {
    "identity": {"confirmed": True}, "companion": {"present": True},
    "home": {"items": sorted(HOME)}, "vitals": WELL, "go_no_go": {"decision": "go"},
    "checkout": {"vial": "V1"},
}  # fmt: skip
