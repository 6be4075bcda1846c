"""Every rule's message as an example, in both languages, and the words for every code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from dispatch.domain import due, sending
from dispatch.domain.channels import Language
from dispatch.domain.messages import Event, Kind, Need
from dispatch.domain.shipped import load_templates
from dispatch.models import LocalMessage
from dispatch.selectors.message_day import Progress
from tests.api.town import WEEKLY, Town
from tests.web.messages.reading import bodies
from web.languages import all_words
from workers import work

pytestmark = pytest.mark.django_db


def test_every_rule_is_shown_with_its_texts_in_both_languages(town: Town, bob: Client) -> None:
    protocol = town.world.protocol()
    page = bob.get("/messages/kinds", {"treatment": protocol.code}).content.decode()
    assert {one.template for one in protocol.messages} <= set(
        re.findall(r'data-rule="(\w+)"', page)
    )
    written = [one for one in protocol.messages if one.task is None]
    said = bodies(page)
    assert len(said) == 4 * len(written) + 2, "by text and mail in both; summaries in English"
    for language in Language:
        texts = load_templates(language.value)
        for one in written:
            begins = texts[one.template].partition("{")[0]
            assert any(body.startswith(begins) for body in said), one.template
    assert not any("{" in one for one in said)
    assert "/m/example-" in page
    assert "/companion/example-" in page


def test_one_language_can_be_looked_at_alone(town: Town, bob: Client) -> None:
    page = bob.get("/messages/kinds", {"languages": "es"}).content.decode()
    assert 'data-language="es"' in page
    assert 'data-language="en"' not in page
    assert bob.get("/messages/kinds", {"treatment": "none"}).status_code == 404
    weekly = bob.get("/messages/kinds", {"treatment": WEEKLY}).content.decode()
    assert f'value="{WEEKLY}" lang="en" selected' in weekly


def test_the_example_reads_as_the_real_message_does(town: Town, bob: Client) -> None:
    """The words around window and link are the same; nobody's own stand in it."""
    work.send_messages()
    given = [one.body for one in LocalMessage.objects.all()]
    examples = bodies(bob.get("/messages/kinds").content.decode())
    real, example = (
        next(one for one in texts if one.startswith("Your visit is booked"))
        for texts in (given, examples)
    )
    around = re.compile(r"comes .* (Details.*: )\S+( Questions.*)")
    assert around.findall(real) == around.findall(example) != []
    assert len(real) - len(example) in range(-2, 3)


def test_every_code_has_its_words(town: Town) -> None:
    told = all_words("es")
    for kind in Kind:
        assert f"message__{kind}" in told["of_messages"]
    for progress in Progress:
        assert f"progress__{progress}" in told["messages"]
    for event in Event:
        assert f"when__{event}" in told["messages"]
    for need in Need:
        assert f"need__{need}" in told["messages"]
    for past in due.IfPast:
        assert f"past__{past}" in told["messages"]
    reasons = reasons_named_in(sending)
    assert len(reasons) > 15
    assert {f"because__{one}" for one in reasons} <= told["of_messages"].keys()


def reasons_named_in(module: Any) -> set[str]:
    """What the rules yield and return: every text in their code that is one word."""
    codes = [one.__code__ for one in vars(module).values() if hasattr(one, "__code__")]
    texts = {text for code in codes for text in constants(code)}
    return {one for one in texts if re.fullmatch(r"[a-z]+(_[a-z]+)*", one)}


def constants(code: Any) -> set[str]:
    flat = [one for own in code.co_consts for one in (own if isinstance(own, tuple) else [own])]
    return {one for one in flat if isinstance(one, str)}
