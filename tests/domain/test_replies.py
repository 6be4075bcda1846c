"""What is understood of a text: plain words alone, and of a doubt nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.channels import Language
from dispatch.domain.replies import Command, Understood, command_of, language_of, meaning_of
from tests.domain.reply_corpus import (
    HELPS,
    NO_COMMANDS,
    PHRASES,
    STARTS,
    STOPS,
    each,
)

YESES = [said for said, meaning in PHRASES if meaning == "yes"]
NOES = [said for said, meaning in PHRASES if meaning == "no"]
OTHERS = [said for said, meaning in PHRASES if meaning != "yes"]
NEGATIONS = each(
    """no | not | never | cannot | can't | cant | don't | dont | won't | wont | isn't | nothing
    nobody | neither | nor | hardly | unless | without | unable | nunca | jamás | tampoco | nadie
    nada | ni | sin | ninguno | imposible"""
)
DOUBTS = each(
    """maybe | perhaps | probably | if | might | but | could | should | when | until | unless | try
    hope | guess | think | tal vez | quizás | si | pero | creo | depende | cuando | ojalá"""
)
SIGNS = ["?", "¿", " ?", "??", " right?", "？", "❓", "⁉", " 🤔"]


def test_the_corpus_is_large_enough_and_says_nothing_twice() -> None:
    assert len(PHRASES) > 300
    assert len({said for said, _ in PHRASES}) == len(PHRASES)


@pytest.mark.parametrize(("said", "meaning"), PHRASES)
def test_a_phrase_means_what_a_person_says_it_means(said: str, meaning: str) -> None:
    assert meaning_of(said).understood.value == meaning


@given(st.sampled_from(YESES), st.sampled_from(NEGATIONS + DOUBTS), st.integers(0, 12))
def test_no_yes_survives_a_negation_or_a_doubt_anywhere(yes: str, word: str, place: int) -> None:
    words = yes.split()
    words.insert(min(place, len(words)), word)
    assert meaning_of(" ".join(words)).understood is not Understood.YES


@given(
    st.sampled_from(YESES),
    st.sampled_from(SIGNS),
)
def test_a_question_is_no_yes(yes: str, sign: str) -> None:
    for said in (yes + sign, sign + yes):
        assert meaning_of(said).understood is not Understood.YES


@given(st.sampled_from(YESES), st.sampled_from(OTHERS), st.booleans())
def test_a_yes_beside_something_else_that_counts_is_no_yes(yes, other, first) -> None:
    """Only what is a courtesy or sets the tone may stand beside it."""
    said = f"{other}. {yes}" if first else f"{yes}. {other}"
    if meaning_of(said).understood is Understood.YES:
        assert set(other.lower().strip(".!").replace(",", "").split()) <= {
            "ok", "okay", "great", "thanks", "thank", "you", "so", "much", "thx", "gracias",
            "muchas", "👍",
        }  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(YESES))
def test_words_that_nobody_has_listed_are_left_to_a_person(text: str, yes: str) -> None:
    """Digits are in no phrase of ours but as a whole phone number."""
    assert meaning_of(f"{yes} x7{text}").understood in {Understood.UNCLEAR, Understood.EMERGENCY}


@given(st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    meaning, command = meaning_of(text), command_of(text)
    assert meaning.understood in Understood
    assert command is None or command in Command
    assert language_of(text) in Language


@given(st.sampled_from(YESES + NOES), st.sampled_from(["upper", "lower", "title", "swapcase"]))
def test_case_says_nothing(said: str, form: str) -> None:
    assert meaning_of(getattr(said, form)()) == meaning_of(said)


@pytest.mark.parametrize("said", each(STOPS))
def test_a_stop_is_one_in_any_case_and_with_any_punctuation(said: str) -> None:
    assert command_of(said) is Command.STOP


def test_start_and_help_are_known_and_yes_starts_what_was_stopped() -> None:
    assert {command_of(said) for said in each(STARTS)} == {Command.START}
    assert {command_of(said) for said in each(HELPS)} == {Command.HELP}
    assert {command_of(said, stopped=True) for said in ("Yes", "sí!", "SI")} == {Command.START}
    assert command_of("yes, please", stopped=True) is None


@pytest.mark.parametrize("said", each(NO_COMMANDS))
def test_a_word_within_a_sentence_is_no_command(said: str) -> None:
    assert command_of(said) is None


def test_a_number_is_kept_in_one_form_and_two_are_none() -> None:
    for said in ("my sister drives, (202) 555-0123", "My sister +1 202.555.0123"):
        meaning = meaning_of(said)
        assert (meaning.relation, meaning.phone) == ("sister", "+12025550123")
    assert meaning_of("mi suegra me lleva").relation == "mother-in-law"
    assert meaning_of("my sister drives, 202 555 0123 or 202 555 0124").phone is None


def test_a_long_text_is_read_in_no_time() -> None:
    """Patterns that go back over what they have read would take years."""
    began = time.process_time()
    for words in ("yes i can ", "ok ", "si, ", "no puedo ", "my sister ", "it's es ", "y and "):
        for length in (10, 25, 60):
            meaning_of(words * length + "x")
            command_of(words * length + "x")
    assert time.process_time() - began < 2


def test_spanish_is_answered_in_spanish() -> None:
    assert language_of("sí, ahí estaré") is language_of("ALTO") is Language.SPANISH
    assert language_of("yes, I can") is language_of("STOP") is Language.ENGLISH
