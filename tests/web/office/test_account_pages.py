"""The accounts' pages, and the page behind a link: what they show, do, and refuse."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from dispatch.domain.limits import Limit
from dispatch.domain.people import Actor
from dispatch.models import AuditEntry, Invitation, ScreenSession, User
from dispatch.models.clock import database_now
from dispatch.services.accounts import invite
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.web.signing_in import is_signed_in, sign_in, with_generator, with_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

SEE_OTHER = 303
LINK = re.compile(r'<code id="link">[^<]*(/invitation/[\w-]+)</code>')
NEW = {"role": "dispatcher", "name": "Olga New", "username": "olga@example.org"}
TWICE = {"password": PASSWORD, "again": PASSWORD}
ACTS = ("link", "second-factor", "sign-ins", "close", "open")


@pytest.fixture
def anna(town: Town) -> Client:
    client = Client()
    sign_in(client, with_password(town.anna.user_id))
    return client


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def of(actor: Actor, rest: str = "") -> str:
    return f"/office/accounts/{actor.user_id}{rest}"


def link_from(answer) -> str:
    return LINK.findall(answer.content.decode())[0]


def test_somebody_is_taken_on_and_signs_in_by_the_link(town: Town, anna: Client) -> None:
    refused = anna.post("/office/accounts/new", {**NEW, "username": "bob@washington"})
    assert (refused.status_code, "This name is taken." in said(refused)) == (200, True)
    assert 'value="Olga New"' in said(refused)
    there = anna.post("/office/accounts/new", NEW)
    assert there.status_code == SEE_OTHER
    assert "Cannot sign in yet" in said(anna.get(there["Location"]))
    made = anna.post(there["Location"] + "/link")
    link = link_from(made)
    again = said(anna.get(there["Location"]))
    assert (link in again, "Link open" in again) == (False, True)

    hers = Client()
    page = hers.get(link)
    assert (page.status_code, "olga@example.org" in said(page)) == (200, True)
    differ = hers.post(link, {**TWICE, "again": "x"})
    assert (differ.status_code, "The two are not the same." in said(differ)) == (200, True)
    weak = hers.post(link, {"password": "12345678", "again": "12345678"})
    assert (weak.status_code, "too common" in said(weak)) == (200, True)
    assert hers.post(link, {}).status_code == 200
    done = hers.post(link, TWICE)
    assert (done.status_code, done["Location"]) == (SEE_OTHER, "/sign-in")
    assert "Your password is set." in said(hers.get("/sign-in"))
    sign_in(hers, User.objects.get(username=NEW["username"]))
    assert is_signed_in(hers)
    for answer in (Client().get(link), Client().post(link, TWICE)):
        assert (answer.status_code, "opens nothing" in said(answer)) == (404, True)


def test_the_list_tells_who_can_sign_in(town: Town, anna: Client) -> None:
    with_generator(User.objects.get(id=town.bob.user_id))
    page = said(anna.get("/office/accounts/"))
    for word in ("bob@Washington", "Dispatcher", "Second step", "No second step", "Signed in: 1"):
        assert word in page
    assert "alice@" not in page


def test_a_second_factor_is_reset_and_sign_ins_end(town: Town, anna: Client) -> None:
    bob = Client()
    sign_in(bob, with_password(town.bob.user_id))
    assert is_signed_in(bob)
    assert anna.post(of(town.bob, "/sign-ins")).status_code == SEE_OTHER
    assert not is_signed_in(bob)
    with_generator(User.objects.get(id=town.bob.user_id))
    assert anna.post(of(town.bob, "/second-factor")).status_code == SEE_OTHER
    assert not Authenticator.objects.exists()


def test_an_account_is_closed_and_opened(town: Town, anna: Client) -> None:
    assert anna.post(of(town.bob, "/close")).status_code == SEE_OTHER
    assert "Open the account" in said(anna.get(of(town.bob)))
    refused = anna.post(of(town.bob, "/link"))
    assert "open it first" in said(refused)
    assert anna.post(of(town.bob, "/open")).status_code == SEE_OTHER
    assert "Close the account" in said(anna.get(of(town.bob)))


def test_nobody_does_it_to_themselves_or_to_a_nurse_without_her_shifts(
    town: Town, anna: Client
) -> None:
    for act in ACTS:
        refused = anna.post(of(town.anna, f"/{act}"))
        assert "This is your own account" in said(refused), act
    assert ScreenSession.objects.filter(user_id=town.anna.user_id).exists()
    assert not Invitation.objects.exists()
    refused = anna.post(of(town.nina, "/close"))
    assert "Her shifts go with it" in said(refused)
    assert of(town.nina) in said(anna.get(f"/office/nurses/{town.nina.person_id}"))


def test_what_is_not_of_the_staff_here_is_not_there(town: Town, anna: Client) -> None:
    there = Town("Elsewhere")
    for foreign in (there.bob, town.alice):
        assert anna.get(of(foreign)).status_code == 404
        for act in ACTS:
            assert anna.post(of(foreign, f"/{act}")).status_code == 404, act


def test_every_page_can_be_read_in_spanish(town: Town, anna: Client) -> None:
    es = {"accept-language": "es"}
    assert "Añadir una cuenta" in said(anna.get("/office/accounts/", headers=es))
    assert "Función" in said(anna.get("/office/accounts/new", headers=es))
    made = anna.post(of(town.bob, "/link"), headers=es)
    assert "El enlace" in said(made)
    assert "Ponga su contraseña" in said(Client().get(link_from(made), headers=es))


def test_a_look_uses_nothing_up_and_is_noted(town: Town) -> None:
    secret = invite(town.bob.user_id, by=town.anna, at=database_now(), now=town.now())
    for _ in range(2):
        assert Client().get(f"/invitation/{secret}").status_code == 200
        assert Client().head(f"/invitation/{secret}").status_code == 200
    noted = AuditEntry.objects.filter(operation="GET invitation page")
    assert {(one.role, one.subject_id) for one in noted} == {("invited", town.bob.user_id)}


def test_a_link_takes_its_form_from_our_page_alone(town: Town) -> None:
    secret = invite(town.bob.user_id, by=town.anna, at=database_now(), now=town.now())
    foreign = Client(enforce_csrf_checks=True)
    assert foreign.post(f"/invitation/{secret}", TWICE).status_code == 403
    assert Invitation.objects.exists()


def test_tries_at_a_link_are_counted_by_address(town: Town, settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "sign_in_address": Limit(2, 60)}
    secret = invite(town.bob.user_id, by=town.anna, at=database_now(), now=town.now())
    there = Client(REMOTE_ADDR=f"2001:db8:{token_hex(2)}:{token_hex(2)}::1")
    answers = [there.post(f"/invitation/{secret}", {}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
