"""Every page of the table, as each role opens it: for all eyes and hands, in both languages.

What stands in the addresses is in tests/browser/objects.py. A page with nothing there fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from dispatch.domain.people import PEOPLE, Role
from dispatch.domain.whose import pass_of, reach_of
from web.policy import DESK, DISPATCHER, PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from dispatch.domain.people import Actor
    from tests.browser.objects import Objects
    from tests.browser.site import Site
    from tests.browser.walking import Walk

pytestmark = pytest.mark.journey

NARROW, WIDE = (320, 700), (1280, 800)
NAMES = {
    Role.PATIENT: "alice", Role.NURSE: "nina", Role.DISPATCHER: "bob",
    Role.PRESCRIBER: "dora", Role.ADMINISTRATOR: "anna",
}  # fmt: skip
ON_PHONES = {None, Role.PATIENT, Role.NURSE}
BY_SOMEBODY = {"sign-out": Role.PATIENT}
"""A page for anyone that shows itself only to whoever is signed in."""
IN_MID_SIGN_IN = {"sign-in/code"}
"""Pages for whoever has given a password, and has more to show."""
FIRST_PROTECTED = "account/second-factor/generator"
"""From here on the account's pages ask for the password again."""
ENROLLED = {
    "account/again/code", "account/again/passkey", "account/second-factor/generator/remove",
    "account/second-factor/codes", "account/second-factor/codes/new",
    "account/second-factor/passkeys/<int:pk>/remove",
}  # fmt: skip
"""Pages for whoever has a second factor."""
LEADS_ON = {
    "", "book/new/<way:chosen>/questions", "sign-in/passkey", "account/second-factor",
    "account/second-factor/passkeys",
}  # fmt: skip
"""Addresses that always lead elsewhere, and show nothing."""
REFUSES = {"sign-in/closed": 403, "sign-in/provider/back": 404}
"""Pages that tell of a refusal; so do those of links that are unknown."""
BOARD = "/board/"
BY_ITSELF = {"board/day": DESK, "board/undo": DISPATCHER}
"""Parts that the board asks for itself, and for whom."""
FRAGMENTS = {
    "board/visits/<uuid:visit_id>": "#inspector",
    "board/visits/<uuid:visit_id>/agreement": "#dialogs",
    "board/planning/<str:kind>": "#dialogs",
    "board/jobs/<str:cause>/<uuid:job_id>": "#planning-body",
    "messages/<uuid:message_id>": ".day .text",
}
"""Where other parts of a room's page are put; one into the dialog that stands open then."""

AMISS = """<!doctype html><style>input { outline: none } p { cursor: pointer }</style>
<main><a href="#" id="far" tabindex="-1">beyond the keys</a><div id="deaf">listens</div>
<p id="hand">looks so</p><button id="small" style="width: 9px"></button><input id="dark"></main>
<script>document.getElementById("deaf").addEventListener("click", () => {})</script>"""


@pytest.fixture(scope="module")
def objects(service_of_file: Site) -> Objects:
    from tests.browser.objects import Objects

    return Objects()


def test_what_takes_a_mouse_is_found(chromium: Browser) -> None:
    """The control."""
    from tests.browser.keyboard import DESK_PX, listen, without_a_mouse

    page = chromium.new_page()
    listen(page.context)
    page.goto(f"data:text/html,{quote(AMISS)}")
    found = {one.partition(" ")[0] for one in without_a_mouse(page, DESK_PX)}
    page.context.close()
    assert found == {"#far", "#deaf", "#hand", "#small", "#dark"}


def test_a_page_with_nothing_in_its_address_is_found(objects: Objects) -> None:
    """The control."""
    from tests.browser.objects import NOBODY, paths_of

    with pytest.raises(KeyError):
        paths_of("book/<uuid:nothing_of_the_kind>", objects, NOBODY)


def test_it_is_known_who_plays_each_role() -> None:
    assert NAMES.keys() == set(PEOPLE)


@pytest.mark.parametrize("role", [*NAMES, None])
def test_every_page_is_for_all(shared_site: Site, objects: Objects, role: Role | None) -> None:
    from tests.browser.keyboard import DESK_PX, PHONE_PX, listen
    from tests.browser.objects import NOBODY
    from tests.browser.walking import Walk

    by = NOBODY if role is None else getattr(objects, NAMES[role])
    shared_site.expect(403, 404)
    on_phone = role in ON_PHONES
    size = NARROW if on_phone else WIDE
    page = shared_site.open(None if role is None else by, "/healthz", size)
    listen(page.context)
    walk = Walk(page, PHONE_PX if on_phone else DESK_PX)
    everything(walk, objects, by, role)
    assert not walk.faults, "\n".join(walk.faults)


def rows_of(role: Role | None) -> Iterator[str]:
    """The addresses that the role opens, those last that ask for more than a password."""
    rows = [address for address, row in PAGES.items() if "GET" in row]
    for address in sorted(rows, key=lambda one: (one in ENROLLED, one in IN_MID_SIGN_IN)):
        who = PAGES[address]["GET"]
        if pass_of(who) is not None:
            mine = BY_SOMEBODY.get(address) is role
        else:
            mine = role is not None and reach_of(who, role) is not None
        if mine:
            yield address


def everything(walk: Walk, objects: Objects, by: Actor, role: Role | None) -> None:
    from tests.browser.objects import enrol, paths_of

    enrolled = False
    for address in rows_of(role):
        if address == FIRST_PROTECTED:
            walk.show_the_password_again()
        if address in ENROLLED and not enrolled:
            enrol(by.user_id)
            enrolled = True
        if address in IN_MID_SIGN_IN:
            walk.begin_to_sign_in(objects.enrolled)
        try:
            paths = [f"/{path}" for path in paths_of(address, objects, by)]
        except KeyError as part:
            walk.note(address, f"put a line for {part} into PARTS of tests/browser/objects.py")
            continue
        for path in paths:
            open_one(walk, role, address, path)


def open_one(walk: Walk, role: Role | None, address: str, path: str) -> None:
    if address in LEADS_ON:
        walk.ask(path, 302)
    elif address in BY_ITSELF:
        walk.comes_by_itself(path, BOARD) if role in BY_ITSELF[address] else walk.ask(path)
    elif address in FRAGMENTS:
        walk.put(path, FRAGMENTS[address], f"/{address.partition('/')[0]}/")
    else:
        refused = 404 if path.endswith("/unknown") else 200
        walk.look(path, REFUSES.get(address, refused))
