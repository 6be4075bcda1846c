"""Proofs of who may be treated: what the answers come to under the shipped protocols."""

from datetime import date

import pytest

from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import Outcome, parse_questionnaire
from dispatch.domain.screening import AnswerError, evaluate
from dispatch.domain.shipped import load_questionnaires, load_shipped
from tests.answers import CLEARED
from tests.facts.proof import proves

PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
FORMS = {data["code"]: parse_questionnaire(data) for data in load_questionnaires()}
SERIES = [
    "ketamine_six_induction",
    "ketamine_six_to_eight_induction",
    "ketamine_weekly_then_monthly",
    "ketamine_booster",
]
WITH_THERAPY = "ketamine_single_with_therapy"
KETAMINE = [*SERIES, WITH_THERAPY]
ON = date(2026, 12, 1)
PAIN = {"failed_antidepressants": []}
THERAPIST = {"therapist": {"name": "Noor Haddad", "contact": "noor@example.org"}}


def judged(code: str, **answers: object) -> tuple[str, set[str]]:
    """The outcome and the codes of its reasons, for a patient who else may be treated."""
    terms = PROTOCOLS[code]
    form = FORMS[terms.questionnaire.code].under(terms.verdict_rules)
    given = CLEARED | (THERAPIST if code == WITH_THERAPY else {}) | answers
    found = evaluate(form, given, on=ON)
    return found.outcome.value, {reason.code for reason in found.reasons}


def comes_to(outcome: Outcome, reason: str, protocols: list[str], **answers: object) -> None:
    for code in protocols:
        assert judged(code, **answers) == (outcome.value, {reason}), code


def refused(reason: str, **answers: object) -> None:
    comes_to(Outcome.REFUSED, reason, KETAMINE, **answers)


def reviewed(reason: str, **answers: object) -> None:
    comes_to(Outcome.REVIEW, reason, KETAMINE, **answers)


def cleared(**answers: object) -> None:
    for code in KETAMINE:
        assert judged(code, **answers) == (Outcome.CLEARED.value, set()), code


@proves("who.age")
def adults_only() -> None:
    refused("under_18", birth_date="2008-12-02")
    cleared(birth_date="2008-12-01")


@proves("who.diagnosis")
def a_diagnosis_from_the_list() -> None:
    refused("no_indication", indication=["none_of_these"])
    for one in ("major_depression", "refractory_depression", "bipolar_depression"):
        cleared(indication=[one])
    for one in ("ptsd", "ocd", "chronic_pain", "crps"):
        cleared(indication=[one], **PAIN)


@proves("who.resistant")
def other_treatment_has_been_tried() -> None:
    reviewed("resistance_unclear", indication=["ptsd"], other_treatments=[])
    refused("not_treatment_resistant", failed_antidepressants=[])


@proves("who.two_regimens")
def two_failed_regimens_each_named() -> None:
    refused("not_treatment_resistant", failed_antidepressants=["sertraline 100 mg"])
    cleared(failed_antidepressants=["sertraline 100 mg", "venlafaxine 150 mg"])
    with pytest.raises(AnswerError):
        judged(SERIES[0], failed_antidepressants=2)


@proves("who.anxiety", "who.neuropathic_pain", "who.fibromyalgia", "who.postpartum")
def what_else_may_be_treated() -> None:
    for one in ("anxiety", "neuropathic_pain", "fibromyalgia", "postpartum_depression"):
        cleared(indication=[one], **PAIN)


@proves("who.suicidal_ideation")
def suicidal_ideation_is_looked_at_first() -> None:
    reviewed("chronic_suicidal_ideation", indication=["chronic_suicidal_ideation"])
    assert "chronic_suicidal_ideation" in PROTOCOLS[SERIES[0]].indications


@proves("who.alcohol", "disagree.substance_abuse")
def alcohol_is_treated_once_together_with_therapy() -> None:
    alcohol = {"indication": ["alcohol_use_disorder"], "substance_abuse": ["alcohol"]}
    assert judged(WITH_THERAPY, **alcohol) == ("cleared", set())
    assert judged(WITH_THERAPY, **alcohol, therapist=None)[1] == {"therapy_not_named"}
    (phase,) = PROTOCOLS[WITH_THERAPY].series
    assert (phase.count.max, PROTOCOLS[WITH_THERAPY].consent.off_label) == (1, True)
    for code in SERIES:
        outcome, reasons = judged(code, **alcohol)
        assert (outcome, "active_substance_abuse" in reasons) == ("refused", True)


@proves("who.opioids")
def opioid_use_goes_to_a_clinician() -> None:
    opioids = {"indication": ["opioid_use_disorder"], "substance_abuse": ["opioids"]}
    outcome, reasons = judged(WITH_THERAPY, **opioids)
    assert (outcome, reasons) == ("review", {"opioid_use", "opioid_use_disorder"})


@proves("who.situational")
def a_passing_situation_is_no_indication() -> None:
    refused("situational_depression", situational_depression=True)


@proves("who.own_provider")
def somebody_goes_on_treating() -> None:
    refused("no_mental_health_provider", mental_health_provider=None)
    with pytest.raises(AnswerError):
        judged(SERIES[0], mental_health_provider={"name": "Dr. Okafor"})


NEVER = {
    "never.blood_pressure": (
        "uncontrolled_blood_pressure",
        {"blood_pressure": "high_uncontrolled"},
    ),
    "never.heart": ("unstable_heart_disease", {"unstable_heart_disease": True}),
    "never.thyroid": ("untreated_thyroid", {"thyroid": "untreated"}),
    "never.substances": ("active_substance_abuse", {"substance_abuse": ["other"]}),
    "never.mania": ("current_mania", {"mania": True}),
    "never.psychosis": ("active_psychosis", {"psychosis": True}),
    "never.pregnancy": ("pregnant", {"pregnant": "yes"}),
    "never.breastfeeding": ("breastfeeding", {"breastfeeding": True}),
    "never.schizophrenia": ("schizophrenia", {"schizophrenia": True}),
}
REVIEW = {
    "review.blood_pressure": ("high_blood_pressure", {"blood_pressure": "high_controlled"}),
    "review.aneurysm": ("aneurysm", {"aneurysm": True}),
    "review.intracranial": ("intracranial_pressure", {"intracranial_pressure": True}),
    "review.arrhythmia": ("arrhythmia", {"arrhythmia": True}),
    "review.liver": ("liver_dysfunction", {"liver": True}),
    "review.breathing": ("respiratory_risk", {"breathing": True}),
    "review.alcohol_or_drugs": ("alcohol_or_drugs", {"alcohol_or_drugs": True}),
    "review.opioid_blockers": ("opioid_blocker", {"opioid_blockers": True}),
    "review.benzodiazepines": ("benzodiazepine", {"benzodiazepines": True}),
}
for fact, (code, answers) in NEVER.items():
    proves(fact)(lambda code=code, answers=answers: refused(code, **answers))
for fact, (code, answers) in REVIEW.items():
    proves(fact)(lambda code=code, answers=answers: reviewed(code, **answers))


@proves("medication.most_continues")
def other_medication_stands_in_nobodys_way() -> None:
    cleared(medications=["sertraline 100 mg", "lisinopril 10 mg", "levothyroxine"])
