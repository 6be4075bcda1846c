"""Every text in both languages: short, the same in each, and silent about the treatment."""

import re
from datetime import datetime

import pytest

from dispatch.domain.channels import Language
from dispatch.domain.fields import FieldError
from dispatch.domain.messages import Kind
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.sharing import LINK_LASTS
from dispatch.domain.shipped import (
    load_sharing_terms,
    load_shipped,
    load_subjects,
    load_templates,
)
from dispatch.domain.texts import about, for_phones, render, segments, window

PROTOCOLS = {data["code"]: parse_protocol(data) for data in load_shipped()}
LANGUAGES = list(Language)
TEMPLATES = {language: load_templates(language) for language in LANGUAGES}
SUBJECTS = {language: load_subjects(language) for language in LANGUAGES}
WITHOUT_A_RULE = {"summary"}
"""This text belongs to no treatment: it goes to whom a patient shares summaries with."""
CONTEXT = {
    "when": "mié 30 sep, 11:30 a. m.–12:00 p. m.",
    "next": "mié 30 sep, 11:30 a. m.–12:00 p. m.",
    "link": "https://visits.example.org/companion/" + "k" * 43,
    "phone": "+1 202 555 0143",
}
UNSAYABLE = (
    *("ketamin", "hydration", "drip", "infusi", "saline", "induction", "booster", "therapy"),
    *("depres", "ptsd", "pain", "anxi", "psych", "mental", "suicid", "iv ", "drug", "ansiedad"),
    *("ketamina", "hidrata", "suero", "goteo", "terapia", "dolor", "psiq", "psico", "droga"),
    *("benzo", "intraven", "trastorno", "disorder", "bipolar", "opioid", "alcohol", "inducc"),
)


def said(protocol, language, template, kind) -> str:
    rule = protocol.extra_rule_in(language, "fasting") or ""
    context = CONTEXT | {"instructions": protocol.instructions_in(language, kind), "eating": rule}
    return render(TEMPLATES[language][template], context)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_belongs_to_a_rule_and_every_rule_has_its_template(language) -> None:
    used = {
        rule.template
        for protocol in PROTOCOLS.values()
        for rule in protocol.messages
        if rule.task is None
    }
    assert used | WITHOUT_A_RULE == set(TEMPLATES[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_that_is_sent_has_its_subject(language) -> None:
    assert set(SUBJECTS[language]) == {kind.value for kind in Kind} - {Kind.TASK}
    assert all(len(subject) <= 60 for subject in SUBJECTS[language].values())


@pytest.mark.parametrize("template", sorted(TEMPLATES[Language.ENGLISH]))
def test_a_text_asks_for_the_same_in_both_languages(template) -> None:
    names = [set(re.findall(r"\{(\w*)\}", TEMPLATES[one][template])) for one in LANGUAGES]
    assert names[0] == names[1]
    assert TEMPLATES[Language.ENGLISH][template] != TEMPLATES[Language.SPANISH][template]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(PROTOCOLS))
def test_a_text_is_short_and_says_nothing_about_the_treatment(code, language) -> None:
    protocol = PROTOCOLS[code]
    for rule in protocol.messages:
        for kind in rule.locations if rule.task is None else ():
            text = said(protocol, language, rule.template, kind)
            assert "{" not in text
            assert not [word for word in UNSAYABLE if word in text.lower()], rule.template
            assert segments(for_phones(text)) <= 3, (rule.template, kind, len(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subject_says_anything_about_a_treatment_or_a_person(language) -> None:
    for subject in SUBJECTS[language].values():
        assert not [word for word in UNSAYABLE if word in subject.lower()]
        assert "{" not in subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_protocols_stand_in_no_text(language) -> None:
    names = {protocol.name.lower() for protocol in PROTOCOLS.values()}
    everything = [*TEMPLATES[language].values(), *SUBJECTS[language].values()]
    assert not [text for text in everything for name in names if name in text.lower()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_to_a_recipient_says_nothing_and_how_long_its_link_opens(language) -> None:
    text = render(TEMPLATES[language]["summary"], CONTEXT)
    assert segments(for_phones(text)) <= 3
    assert not [word for word in UNSAYABLE if word in text.lower()]
    assert re.search(rf"{LINK_LASTS.days} (days|días)", text)
    assert f"{LINK_LASTS.days} days" in load_sharing_terms("en").text


@pytest.mark.parametrize(
    ("language", "kind", "words"),
    [
        (Language.ENGLISH, LocationKind.RESIDENCE, "adult stays"),
        (Language.ENGLISH, LocationKind.HOTEL, "driver home"),
        (Language.ENGLISH, LocationKind.OFFICE, "driver home"),
        (Language.ENGLISH, LocationKind.OTHER, "driver home"),
        (Language.SPANISH, LocationKind.RESIDENCE, "adulto responsable"),
        (Language.SPANISH, LocationKind.HOTEL, "le lleva a casa"),
        (Language.SPANISH, LocationKind.OFFICE, "le lleva a casa"),
        (Language.SPANISH, LocationKind.OTHER, "le lleva a casa"),
    ],
)
def test_the_reminders_say_what_to_prepare_at_that_kind_of_place(language, kind, words) -> None:
    rest = {
        Language.ENGLISH: ("private, quiet room", "list of medications"),
        Language.SPANISH: ("cuarto privado y tranquilo", "lista de medicamentos"),
    }
    for template in ("day_before", "two_hours_before"):
        text = said(PROTOCOLS["ketamine_booster"], language, template, kind)
        assert all(part in text for part in (words, *rest[language]))


def test_a_version_that_is_not_translated_is_read_in_english() -> None:
    (data, *_) = load_shipped()
    protocol = parse_protocol({key: data[key] for key in data if key != "translated"})
    home = LocationKind.RESIDENCE
    assert protocol.instructions_in(Language.SPANISH, home) == protocol.instructions[home]
    assert protocol.extra_rule_in(Language.SPANISH, "hydration_care") is not None
    assert protocol.extra_rule_in(Language.SPANISH, "fasting") is None


@pytest.mark.parametrize(
    "template", ["{when", "At {name}", "{}", "{link.__class__}", "{when!r}", "{when:>9}", "{phone}"]
)
def test_a_placeholder_that_is_unknown_or_empty_handed_is_refused(template) -> None:
    with pytest.raises(ValueError, match=r"placeholder|no value|expected"):
        render(template, {"when": "now", "link": "there"})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(FieldError) as caught:
        render("Call {phone}", {"when": "now"})
    assert caught.value.field == "phone"


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert render("At {when}.", {"when": "{link}"}) == "At {link}."


@pytest.mark.parametrize(
    ("hour", "language", "words"),
    [
        (9, Language.ENGLISH, "Tue 1 Dec, about 9:05 AM"),
        (9, Language.SPANISH, "mar 1 dic, hacia las 9:05 a. m."),
        (13, Language.SPANISH, "mar 1 dic, hacia la 1:05 p. m."),
        (0, Language.SPANISH, "mar 1 dic, hacia las 12:05 a. m."),
    ],
)
def test_an_hour_is_said_as_people_say_it(hour, language, words) -> None:
    assert about(datetime(2026, 12, 1, hour, 5), language) == words  # noqa: DTZ001 - wall time


def test_a_window_is_said_as_people_say_it() -> None:
    start, end = datetime(2027, 1, 9, 11, 30), datetime(2027, 1, 9, 12)  # noqa: DTZ001 - wall time
    assert window(start, end, Language.ENGLISH) == "Sat 9 Jan, 11:30 AM–12:00 PM"
    assert window(start, end, Language.SPANISH) == "sáb 9 ene, 11:30 a. m.–12:00 p. m."


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2),
     ("í" * 70, 1), ("í" * 71, 2), ("í" * 135, 3), ("🙂" * 35, 1), ("🙂" * 36, 2)],
)  # fmt: skip
def test_segments_are_counted_as_the_standard_does(text, parts) -> None:
    assert segments(text) == parts


def test_a_text_to_a_phone_keeps_the_letters_that_phones_have() -> None:
    assert for_phones("¿Está lista? Mañana, mié 9–10 – ¡ánimo!") == (
        "¿Esta lista? Mañana, mié 9-10 - ¡animo!"
    )
    assert for_phones("日本") == "日本"
