"""What patients and staff are asked and told of a treatment is there in every language."""

from dispatch.domain.channels import Language
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import parse_questionnaire
from dispatch.domain.shipped import (
    load_questionnaires,
    load_shipped,
    load_translations,
    load_waiting_terms,
)


def test_every_sentence_that_patients_and_staff_read_is_translated() -> None:
    forms = [parse_questionnaire(one) for one in load_questionnaires()]
    protocols = [parse_protocol(one) for one in load_shipped()]
    said = {question.text for form in forms for question in form.questions}
    said |= {rule.text for form in forms for rule in form.rules}
    for one in protocols:
        said |= {one.name, one.consent.text}
        said |= {rule.text for rule in one.verdict_rules}
        said |= {line.text for line in (*one.abort_reasons, *one.readiness)}
        said |= {line.text for line in (*one.kit, *one.side_effects, *one.discharge)}
        said |= {rule.text for rule in one.extra_rules}
    assert said - load_translations(Language.SPANISH).keys() == set()


def test_who_waits_agrees_to_words_of_one_version() -> None:
    versions = {load_waiting_terms(language).version for language in Language}
    assert len(versions) == 1
