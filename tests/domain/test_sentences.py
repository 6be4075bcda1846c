"""What the business says to people stands in every language, with the same values in it."""

import copy
from dataclasses import replace
from datetime import date
from string import Formatter

import pytest

from dispatch.domain.care import Item
from dispatch.domain.channels import Language
from dispatch.domain.charges import CoverageState
from dispatch.domain.gates import SOFT, Checklist, CompanionAnswer, Order, Price, Validity
from dispatch.domain.judging import judge
from dispatch.domain.protocol import CompanionRule
from dispatch.domain.sentences import Sentence
from dispatch.domain.shipped import load_sentences, load_translations
from dispatch.selectors.translating import said
from tests.domain.sentences import put_together_in_refusals, sentences_in_source
from tests.domain.test_gates import ALL_WELL, DAY, START, VALID

SPANISH = Language.SPANISH.value
NOT_ON_PAGES = {
    # Faults of a program, which nobody is shown.
    "A visit is assigned after its time has been reserved.",
    "A lock outside a transaction protects nothing.",
    "An event is recorded in the transaction of the change it tells of.",
    "A visit on a route has its times.",
    "A snapshot that was brought up to date has gaps.",
    "A discrepancy without an event was entered before.",
    "A visit that was carried out had a nurse.",
    "Looks of nurses that the audit trail lacks.",
    # Why a task ended by itself: it is off the list by then.
    "Newer answers count.",
    "It arrived.",
    "Sent again.",
    "It is not needed any more.",
    "Cleared again.",
    # Told by code in the words of pages, or by a page in both languages.
    "The request has fields that cannot be accepted.",
    "That was too often; try again later.",
    "The visit is over or was called off.",
    "The treatment cannot go on while a gate is closed.",
    "An event with this id tells something else.",
    "Call 911 now and stay with the patient. A prescriber has been alerted.",
    # A browser's own key, which it does not get wrong.
    "The secret is not one of a browser.",
    # Filled in when the task is opened, and kept so.
    (
        "{count} infusions were to be laid {least} to {most} days apart, the booked ones moved as "
        "little as can be, from {day} on: nothing that is free keeps these gaps."
    ),
}


def test_every_sentence_in_the_source_is_translated_or_said_to_nobody() -> None:
    translated = load_sentences(Language.SPANISH) | load_translations(Language.SPANISH)
    found = sentences_in_source()
    lacking = {text: place for text, place in found.items() if text not in translated}
    assert lacking.keys() == NOT_ON_PAGES, lacking


def test_no_refusal_puts_its_sentence_together_by_itself() -> None:
    assert put_together_in_refusals() == []


def test_every_translation_is_of_something_that_is_said_in_one_place() -> None:
    sentences = load_sentences(Language.SPANISH)
    assert sentences.keys() - sentences_in_source().keys() == set()
    assert sentences.keys() & load_translations(Language.SPANISH).keys() == set()


def test_translations_have_the_values_of_the_sentence() -> None:
    for english, spanish in load_sentences(Language.SPANISH).items():
        assert values_in(english) == values_in(spanish), english


def values_in(pattern: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def test_a_sentence_reads_as_a_text_and_is_put_together_anew_in_spanish() -> None:
    one = Sentence("An absence spans at most {days} days.", days=14)
    assert one == "An absence spans at most 14 days."
    assert said(one, SPANISH).text == "Una ausencia abarca como mucho 14 días."
    assert said(one, "en").text == one


def test_what_stands_in_a_sentence_is_translated_too() -> None:
    who = Sentence("Declined; needed: {who}.", who="a driver home")
    one = Sentence("{reason} A dispatcher lets the visit go on.", reason=who)
    assert one == "Declined; needed: a driver home. A dispatcher lets the visit go on."
    assert said(one, SPANISH).text == (
        "Dijo que no; hace falta: alguien que lleve a casa al paciente. "
        "Despacho permite que la visita siga."
    )


def test_days_and_lists_are_told_as_people_say_them() -> None:
    price, day = "$5.00", date(2027, 3, 1)
    pattern = "{coverage}; self-pay price of {price} was shown on {day}."
    one = Sentence(pattern, coverage="Covered", price=price, day=day)
    assert one == "Covered; self-pay price of $5.00 was shown on March 1, 2027."
    told = "Con cobertura; el precio de $5.00 por cuenta propia se mostró el 1 de marzo de 2027."
    assert said(one, SPANISH).text == told
    two = Sentence("The nurse has not confirmed: {points}.", points=("Antiemetic.", "Own thing."))
    assert two == "The nurse has not confirmed: Antiemetic; Own thing."
    assert said(two, SPANISH).text == "La enfermera no ha confirmado: Antiemético; Own thing."


@pytest.mark.parametrize("again", [copy.deepcopy, copy.copy, str])
def test_a_copy_can_still_be_translated(again) -> None:
    one = again(ValueError(Sentence("At most {most} characters.", most=5)).args[0])
    assert said(one, SPANISH).text == "Como mucho 5 caracteres."


def test_a_value_is_never_read_as_a_pattern() -> None:
    one = Sentence("Nothing asks for {items}.", items="{items.__class__} {0}")
    assert one == "Nothing asks for {items.__class__} {0}."
    assert said(one, SPANISH).text == "Nada pide {items.__class__} {0}."


PAST = Validity(START - DAY, START)
POINT = Checklist((Item("bed", "A bed or a recliner to rest in."),), frozenset())
FACTS = {
    "clearances": [(), (PAST,)],
    "answers_outdated": [1],
    "questions_due": [1],
    "orders": [(), (Order(PAST, 1),), (Order(VALID, 1, confirmed=False),), (Order(VALID, 0),)],
    "consents": [(), (PAST,)],
    "companion": [None, CompanionAnswer.ASKED, CompanionAnswer.DECLINED],
    "companion_duty": [CompanionRule.DRIVES],
    "credential_faults": [None, ("VA", "acls")],
    "vials_open": [None, True],
    "kit": [None, POINT],
    "home": [POINT],
    "price": [Price(500, one, day) for one in CoverageState for day in (None, START.date())],
    "overridden": [frozenset(SOFT)],
}


def test_every_gate_says_in_spanish_why_it_is_open_or_closed() -> None:
    changed = [{name: one} for name, values in FACTS.items() for one in values]
    overridden = [one | {"overridden": frozenset(SOFT)} for one in changed]
    found = {
        gate.reason
        for facts in ({}, *changed, *overridden)
        for gate in judge(replace(ALL_WELL, **facts))
    }
    assert len(found) > 40
    assert {one for one in found if said(one, SPANISH).lang != SPANISH} == set()
