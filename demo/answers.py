"""What a patient without any contraindication answers; used by the seed and by the walk alike."""

from typing import Any

KETAMINE: dict[str, Any] = {
    "birth_date": "1980-05-17",
    "suicidal_now": False,
    "indication": ["major_depression"],
    "failed_antidepressants": ["sertraline 100 mg, 2023", "venlafaxine 150 mg, 2024"],
    "other_treatments": ["cognitive therapy"],
    "situational_depression": False,
    "mental_health_provider": {"name": "Dr. Imani Okafor", "contact": "+1 202 555 0143"},
    "blood_pressure": "normal",
    "unstable_heart_disease": False,
    "thyroid": "none",
    "mania": False,
    "psychosis": False,
    "schizophrenia": False,
    "pregnant": "no",
    "breastfeeding": False,
    "substance_abuse": ["none"],
    "alcohol_or_drugs": False,
    "aneurysm": False,
    "intracranial_pressure": False,
    "arrhythmia": False,
    "liver": False,
    "breathing": False,
    "opioid_blockers": False,
    "benzodiazepines": False,
    "medications": [],
    "difficult_iv": False,
}

THERAPIST = {"therapist": {"name": "Dr. Ruth Adeyemi", "contact": "+1 301 555 0177"}}
"""Asked for by the single infusion that goes together with therapy."""

HYDRATION: dict[str, Any] = {
    "birth_date": "1980-05-17",
    "heart_failure": False,
    "kidney_disease": False,
    "blood_pressure": "normal",
    "pregnant": "no",
    "feeling_very_ill": False,
    "difficult_iv": False,
    "medications": [],
}
