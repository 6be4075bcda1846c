"""Every room of the screens: closed to whom it is not for, and worded alike in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from dispatch.audit import DENIED
from dispatch.domain.people import PEOPLE, Role
from dispatch.domain.whose import pass_of, reach_of
from dispatch.models import AuditEntry, User
from tests.api.test_policy import filled
from tests.api.town import Town, digest_of_all_rows
from web.languages import WORDS, all_words
from web.policy import PAGES

GAP = re.compile(r"\{\w*\}|%\(\w+\)s|%s")
OF_A_PAGE = re.compile(r"\bwords\.(\w+)")
NAMES = {
    Role.PATIENT: "alice",
    Role.NURSE: "nina",
    Role.DISPATCHER: "bob",
    Role.PRESCRIBER: "dora",
    Role.ADMINISTRATOR: "anna",
}


def closed_to(role: Role) -> Iterator[tuple[str, str]]:
    """Method and address of each page that somebody else may open and the role may not."""
    for address, row in PAGES.items():
        for method, who in row.items():
            if pass_of(who) is None and reach_of(who, role) is None:
                yield method, address


def test_of_each_role_it_is_known_who_plays_it() -> None:
    assert NAMES.keys() == set(PEOPLE)


@pytest.mark.parametrize("role", NAMES)
def test_whoever_is_signed_in_is_led_home_from_the_rooms_of_others(town: Town, role: Role) -> None:
    browser = Client()
    browser.force_login(User.objects.get(id=getattr(town, NAMES[role]).user_id))
    asked = list(closed_to(role))
    assert len(asked) > 30
    before = digest_of_all_rows()
    for method, address in asked:
        answer = browser.generic(method, "/" + filled(address))
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/"), address
    denied = AuditEntry.objects.filter(role=role.value, verb=DENIED)
    assert {one.operation for one in denied} == {f"{method} {address}" for method, address in asked}
    assert digest_of_all_rows() == before


def leaves(words: Any, path: str = "") -> dict[str, str]:
    """Every text of a file of words, by where it stands."""
    if isinstance(words, dict):
        return {k: v for key, one in words.items() for k, v in leaves(one, f"{path}.{key}").items()}
    return {path: words}


def test_every_room_has_its_words_in_every_language() -> None:
    files = {one.name: {path.name for path in one.glob("*.json")} for one in WORDS.iterdir()}
    assert files.keys() == {"en", "es"}
    assert files["en"] == files["es"]
    english, spanish = (leaves(all_words(one)) for one in ("en", "es"))
    assert english.keys() == spanish.keys()
    assert len(english) > 1000
    for key, text in english.items():
        assert text.strip(), key
        assert spanish[key].strip(), key
        assert sorted(GAP.findall(text)) == sorted(GAP.findall(spanish[key])), key


def test_no_template_says_a_word_that_no_room_has() -> None:
    known = {key for words in all_words("en").values() for key in words}
    folder = settings.BASE_DIR / "web" / "templates"
    for file in sorted(folder.rglob("*.html")):
        assert set(OF_A_PAGE.findall(file.read_text())) - known == set(), file
