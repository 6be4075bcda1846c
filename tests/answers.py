"""Answers of patients who may be treated, a whole questionnaire each: the demo's, marked."""

from demo.answers import HYDRATION as CLEARED_FOR_A_DRIP
from demo.answers import KETAMINE
from tests.canaries import MARK

CLEARED = KETAMINE | {
    "mental_health_provider": {"name": f"Dr. {MARK}", "contact": f"{MARK}@example.org"},
    "other_treatments": [f"cognitive therapy with {MARK}"],
}

__all__ = ["CLEARED", "CLEARED_FOR_A_DRIP"]
