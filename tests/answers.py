"""Answers of patients who may be treated, a whole questionnaire each: those of the demo."""

from demo.answers import HYDRATION as CLEARED_FOR_A_DRIP
from demo.answers import KETAMINE as CLEARED

__all__ = ["CLEARED", "CLEARED_FOR_A_DRIP"]
