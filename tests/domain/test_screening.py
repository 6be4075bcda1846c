"""Every fact about who may be treated is a question with a verdict."""

import copy
from datetime import date

import pytest

from dispatch.domain.fields import FieldError
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import Outcome, parse_questionnaire
from dispatch.domain.screening import AnswerError, evaluate
from dispatch.domain.shipped import load_questionnaires, load_shipped
from tests.answers import CLEARED, CLEARED_FOR_A_DRIP

QUESTIONNAIRES = {data["code"]: data for data in load_questionnaires()}
PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
ON = date(2026, 12, 1)


def verdict(protocol="ketamine_six_induction", **changes):
    terms = PROTOCOLS[protocol]
    questionnaire = parse_questionnaire(QUESTIONNAIRES[terms.questionnaire.code])
    answers = CLEARED_FOR_A_DRIP if terms.questionnaire.code == "hydration" else CLEARED
    return evaluate(questionnaire.under(terms.verdict_rules), answers | changes, on=ON)


def reasons(found):
    return {(reason.code, reason.question, reason.outcome.value) for reason in found.reasons}


def test_who_answers_everything_well_is_cleared():
    assert verdict().outcome is Outcome.CLEARED
    assert verdict().reasons == ()
    assert verdict("hydration_drip").outcome is Outcome.CLEARED


@pytest.mark.parametrize(
    ("question", "answer", "code", "outcome"),
    [
        ("birth_date", "2008-12-02", "under_18", "refused"),
        ("suicidal_now", True, "crisis", "review"),
        ("indication", ["none_of_these"], "no_indication", "refused"),
        ("situational_depression", True, "situational_depression", "refused"),
        ("mental_health_provider", None, "no_mental_health_provider", "refused"),
        ("failed_antidepressants", ["sertraline"], "not_treatment_resistant", "refused"),
        ("difficult_iv", True, "difficult_iv", "review"),
        ("blood_pressure", "high_uncontrolled", "uncontrolled_blood_pressure", "refused"),
        ("blood_pressure", "high_controlled", "high_blood_pressure", "review"),
        ("blood_pressure", "unknown", "high_blood_pressure", "review"),
        ("unstable_heart_disease", True, "unstable_heart_disease", "refused"),
        ("thyroid", "untreated", "untreated_thyroid", "refused"),
        ("substance_abuse", ["alcohol"], "active_substance_abuse", "refused"),
        ("substance_abuse", ["opioids", "other"], "active_substance_abuse", "refused"),
        ("mania", True, "current_mania", "refused"),
        ("psychosis", True, "active_psychosis", "refused"),
        ("schizophrenia", True, "schizophrenia", "refused"),
        ("pregnant", "yes", "pregnant", "refused"),
        ("pregnant", "possibly", "possibly_pregnant", "review"),
        ("breastfeeding", True, "breastfeeding", "refused"),
        ("aneurysm", True, "aneurysm", "review"),
        ("intracranial_pressure", True, "intracranial_pressure", "review"),
        ("arrhythmia", True, "arrhythmia", "review"),
        ("liver", True, "liver_dysfunction", "review"),
        ("breathing", True, "respiratory_risk", "review"),
        ("alcohol_or_drugs", True, "alcohol_or_drugs", "review"),
        ("opioid_blockers", True, "opioid_blocker", "review"),
        ("benzodiazepines", True, "benzodiazepine", "review"),
    ],
)
def test_each_fact_has_its_verdict(question, answer, code, outcome):
    found = verdict(**{question: answer})
    assert found.outcome.value == outcome
    assert reasons(found) == {(code, question, outcome)}
    assert all(reason.text for reason in found.reasons)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("birth_date", "2008-12-01"),
        ("thyroid", "treated"),
        ("medications", ["sertraline 100 mg"]),
        ("notes", "I have a dog."),
    ],
)
def test_what_stands_in_nobodys_way_leaves_the_patient_cleared(question, answer):
    assert verdict(**{question: answer}).outcome is Outcome.CLEARED


@pytest.mark.parametrize(
    "indication",
    [
        *("ptsd", "ocd", "chronic_pain", "crps", "anxiety", "neuropathic_pain", "fibromyalgia"),
        "postpartum_depression",
    ],
)
def test_resistance_of_other_illnesses_is_not_counted_in_antidepressants(indication):
    found = verdict(indication=[indication], failed_antidepressants=[])
    assert found.outcome is Outcome.CLEARED
    untried = verdict(indication=[indication], failed_antidepressants=[], other_treatments=[])
    assert reasons(untried) == {("resistance_unclear", "other_treatments", "review")}


@pytest.mark.parametrize("indication", ["refractory_depression", "bipolar_depression"])
def test_resistant_depression_means_two_failed_regimens(indication):
    assert verdict(indication=[indication]).outcome is Outcome.CLEARED
    found = verdict(indication=[indication], failed_antidepressants=["sertraline"])
    assert found.outcome is Outcome.REFUSED


def test_lasting_suicidal_thoughts_are_reviewed_with_the_crisis_line():
    found = verdict(indication=["chronic_suicidal_ideation"])
    assert found.outcome is Outcome.REVIEW
    assert "988" in found.reasons[0].text


def test_alcohol_excludes_from_a_series_but_not_from_the_single_infusion_with_therapy():
    changes = {
        "indication": ["alcohol_use_disorder"],
        "substance_abuse": ["alcohol"],
        "therapist": {"name": "Noor Haddad", "contact": "noor@example.org"},
    }
    assert {code for code, _, _ in reasons(verdict(**changes))} == {
        "active_substance_abuse",
        "indication_of_other_protocol",
    }
    assert verdict("ketamine_single_with_therapy", **changes).outcome is Outcome.CLEARED


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({"therapist": None}, "therapy_not_named", "review"),
        ({"substance_abuse": ["opioids"]}, "opioid_use", "review"),
        ({"indication": ["opioid_use_disorder"]}, "opioid_use_disorder", "review"),
        ({"substance_abuse": ["other"]}, "active_substance_abuse", "refused"),
    ],
)
def test_the_single_infusion_with_therapy_has_rules_of_its_own(changes, code, outcome):
    named = {"therapist": {"name": "Noor Haddad", "contact": "noor@example.org"}}
    found = verdict("ketamine_single_with_therapy", **named | changes)
    assert [(reason.code, reason.outcome.value) for reason in found.reasons] == [(code, outcome)]


@pytest.mark.parametrize(
    ("question", "answer", "code", "outcome"),
    [
        ("birth_date", "2010-01-01", "under_18", "refused"),
        ("heart_failure", True, "heart_failure", "refused"),
        ("kidney_disease", True, "kidney_disease", "review"),
        ("blood_pressure", "high_uncontrolled", "uncontrolled_blood_pressure", "review"),
        ("pregnant", "possibly", "pregnant", "review"),
        ("feeling_very_ill", True, "needs_urgent_care", "refused"),
        ("difficult_iv", True, "difficult_iv", "review"),
    ],
)
def test_the_drip_has_a_short_screening(question, answer, code, outcome):
    assert reasons(verdict("hydration_drip", **{question: answer})) == {(code, question, outcome)}


def test_the_worst_reason_decides_and_all_are_told():
    found = verdict(liver=True, pregnant="yes", suicidal_now=True)
    assert found.outcome is Outcome.REFUSED
    assert [reason.code for reason in found.reasons] == ["crisis", "pregnant", "liver_dysfunction"]


def test_a_red_flag_comes_with_the_crisis_line():
    assert "988" in verdict(suicidal_now=True).reasons[0].text


def test_nobody_is_told_to_stop_a_medication():
    for code, data in QUESTIONNAIRES.items():
        assert "stop" not in str(data).lower(), code


def test_each_visit_asks_again_what_may_have_changed():
    questions = parse_questionnaire(QUESTIONNAIRES["iv_ketamine"]).questions
    valid = {question.id: question.valid_days for question in questions}
    assert (valid["pregnant"], valid["breastfeeding"], valid["mania"]) == (0, 0, 7)
    assert valid["schizophrenia"] is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("pregnant", None),
        ("pregnant", "maybe"),
        ("pregnant", True),
        ("pregnant", ["no"]),
        ("mania", "no"),
        ("mania", 0),
        ("indication", []),
        ("indication", "ptsd"),
        ("indication", ["gout"]),
        ("birth_date", "1980-02-30"),
        ("birth_date", 1980),
        ("birth_date", "1899-12-31"),
        ("birth_date", "2026-12-02"),
        ("medications", "none"),
        ("medications", [""]),
        ("medications", [7]),
        ("medications", ["x" * 2001]),
        ("medications", ["x"] * 51),
        ("notes", "x" * 2001),
        ("notes", "  "),
        ("mental_health_provider", "Dr. Okafor"),
        ("mental_health_provider", {"name": "Dr. Okafor"}),
        ("mental_health_provider", {"name": "Dr. Okafor", "contact": ""}),
        ("mental_health_provider", {"name": "Dr. Okafor", "contact": "1", "fax": "2"}),
        ("shoe_size", 42),
    ],
)
def test_an_answer_that_cannot_be_read_is_named(question, answer):
    with pytest.raises(AnswerError) as caught:
        verdict(**{question: answer})
    assert list(caught.value.fields) == [question]


def test_the_longest_text_is_accepted():
    assert verdict(notes="x" * 2000).outcome is Outcome.CLEARED


def test_all_faults_are_told_at_once():
    with pytest.raises(AnswerError) as caught:
        verdict(mania="no", shoe_size=42, pregnant=None)
    assert set(caught.value.fields) == {"mania", "shoe_size", "pregnant"}


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"when": {"any_of": ["perhaps"]}}, "choice that is not offered"),
        ({"when": {"is": True}}, "cannot be tested with is"),
        ({"when": {"sounds_like": "no"}}, "must be one of"),
        ({"when": {"any_of": ["yes"], "is": True}}, "is not known here"),
        ({"given": {"question": "weather", "is": True}}, "is no question"),
        ({"outcome": "cleared"}, "must be review or refused"),
    ],
)
def test_a_rule_that_could_never_hold_is_refused(rule, problem):
    data = copy.deepcopy(QUESTIONNAIRES["iv_ketamine"])
    pregnant = next(entry for entry in data["questions"] if entry["id"] == "pregnant")
    pregnant["rules"][0] |= rule
    with pytest.raises(FieldError, match=problem):
        parse_questionnaire(data)


def test_two_questions_with_one_id_are_refused():
    data = copy.deepcopy(QUESTIONNAIRES["hydration"])
    data["questions"].append(data["questions"][0])
    with pytest.raises(FieldError, match="same id"):
        parse_questionnaire(data)
