"""Staff's accounts: made, let in by a link that opens once, signed out, closed and opened."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from dispatch import audit
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.ids import digest, new_id
from dispatch.domain.people import Actor, Role
from dispatch.models import AuditEntry, Invitation, ScreenSession, SignIn, User
from dispatch.models.clock import database_now
from dispatch.selectors.accounts import account, accounts, invitation_link, invited
from dispatch.services.accounts import (
    GOOD_FOR,
    accept_invitation,
    add_account,
    close_account,
    end_sign_ins,
    invite,
    open_account,
    reset_second_factor,
)
from dispatch.services.sessions import begin_session
from dispatch.services.sign_in import begin_sign_in
from tests.api.town import Town
from tests.builders import NOW, PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]

NEW = {"role": "dispatcher", "name": "Olga New", "username": "olga@example.org"}
SECOND = timedelta(seconds=1)


@pytest.fixture
def quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world() -> World:
    world = World()
    assert world.anna
    assert world.bob
    return world


def verbs(subject_id) -> list[str]:
    rows = AuditEntry.objects.filter(subject_id=subject_id).exclude(verb=audit.READ)
    return list(rows.order_by("number").values_list("verb", flat=True))


def counts() -> tuple[int, ...]:
    return tuple(kind.objects.count() for kind in (User, Invitation, AuditEntry))


def link_for(world: World, actor: Actor, at=None) -> str:
    return invite(actor.user_id, by=world.anna, at=at or database_now(), now=NOW)


def accept(secret: str, password: str = PASSWORD, at=None) -> None:
    accept_invitation(secret, password, at=at or database_now(), now=NOW)


def seen(world: World, actor: Actor):
    return account(world.anna, actor.user_id, at=database_now())


def signed_in(actor: Actor) -> None:
    begin_session(str(new_id()), "{}", actor.user_id, now=database_now())
    begin_sign_in(actor.user_id, now=database_now())


def test_a_new_account_signs_in_nowhere_before_its_link_is_used(world) -> None:
    user_id = add_account(**NEW, by=world.anna, now=NOW)
    found = account(world.anna, user_id, at=database_now())
    assert (found.name, found.username, found.role) == ("Olga New", NEW["username"], "dispatcher")
    assert (found.has_password, found.link_until, found.signed_in) == (False, None, 0)
    assert verbs(user_id) == ["add"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("role", "nurse"), ("role", "patient"), ("role", "service"), ("role", "x"),
        ("name", " "), ("name", "x" * 201), ("username", "a b"), ("username", "BOB@washington"),
        ("username", "service.x"),
    ],
)  # fmt: skip
def test_what_is_wrong_of_a_new_account_is_named_and_nothing_is_written(world, field, typed):
    before = counts()
    with pytest.raises(Invalid) as refusal:
        add_account(**{**NEW, field: typed}, by=world.anna, now=NOW)
    assert list(refusal.value.fields) == [field]
    assert counts() == before


def test_a_link_opens_once_and_ends_every_sign_in(world) -> None:
    signed_in(world.bob)
    assert seen(world, world.bob).signed_in == 2
    secret = link_for(world, world.bob)
    assert seen(world, world.bob).link_until is not None
    assert invitation_link(secret).endswith(f"/invitation/{secret}")
    assert invited(secret, at=database_now()).username == "bob@Washington"
    accept(secret)
    assert User.objects.get(id=world.bob.user_id).check_password(PASSWORD)
    found = seen(world, world.bob)
    assert (found.signed_in, found.link_until, found.has_password) == (0, None, True)
    assert invited(secret, at=database_now()) is None
    with pytest.raises(NotFound):
        accept(secret, "another horse battery staple")
    assert User.objects.get(id=world.bob.user_id).check_password(PASSWORD)
    assert verbs(world.bob.user_id) == ["invite", "accept_invitation"]


def test_of_the_secret_nothing_but_a_digest_is_kept(world) -> None:
    secret = link_for(world, world.bob)
    row = Invitation.objects.values().get()
    assert row["secret_digest"] == digest(secret)
    assert secret not in str(row)


def test_a_new_link_closes_the_one_before(world) -> None:
    first, second = link_for(world, world.bob), link_for(world, world.bob)
    assert (invited(first, at=database_now()), Invitation.objects.count()) == (None, 1)
    accept(second)


def test_a_link_runs_out(world) -> None:
    made = database_now()
    secret = link_for(world, world.bob, at=made)
    assert invited(secret, at=made + GOOD_FOR - SECOND)
    assert invited(secret, at=made + GOOD_FOR) is None
    with pytest.raises(NotFound):
        accept(secret, at=made + GOOD_FOR)


@pytest.mark.parametrize("password", ["short", "password123", "84719284719", "x" * 129])
def test_a_weak_password_is_refused_and_the_link_stays(world, password) -> None:
    secret = link_for(world, world.bob)
    before = counts()
    with pytest.raises(Invalid) as refusal:
        accept(secret, password)
    assert list(refusal.value.fields) == ["password"]
    assert counts() == before
    accept(secret)


def test_the_second_factor_is_taken_away_with_every_sign_in(world) -> None:
    for kind in ("totp", "webauthn", "recovery_codes"):
        Authenticator.objects.create(user_id=world.bob.user_id, type=kind, data={})
    signed_in(world.bob)
    assert seen(world, world.bob).has_second_factor
    reset_second_factor(world.bob.user_id, by=world.anna, at=database_now(), now=NOW)
    assert not Authenticator.objects.exists()
    found = seen(world, world.bob)
    assert (found.has_second_factor, found.signed_in) == (False, 0)
    assert SignIn.objects.get().ended_because == "factor_reset"
    assert verbs(world.bob.user_id) == ["reset_second_factor"]


def test_somebody_is_signed_out_everywhere_and_others_are_not(world) -> None:
    signed_in(world.bob)
    signed_in(world.dora)
    end_sign_ins(world.bob.user_id, by=world.anna, at=database_now(), now=NOW)
    assert (seen(world, world.bob).signed_in, seen(world, world.dora).signed_in) == (0, 2)


def test_a_closed_account_is_signed_out_and_its_link_opens_nothing(world) -> None:
    secret = link_for(world, world.bob)
    signed_in(world.bob)
    close_account(world.bob.user_id, by=world.anna, at=database_now(), now=NOW)
    assert not ScreenSession.objects.exists()
    assert SignIn.objects.get().ended_because == "account_closed"
    with pytest.raises(NotFound):
        accept(secret)
    with pytest.raises(Conflict) as refusal:
        link_for(world, world.bob)
    assert refusal.value.code == "account_closed"
    open_account(world.bob.user_id, by=world.anna, now=NOW)
    assert seen(world, world.bob).active
    assert verbs(world.bob.user_id) == ["invite", "close", "open"]


def test_nobody_does_it_to_themselves(world) -> None:
    me, at = world.anna.user_id, database_now()
    for verb in (invite, reset_second_factor, end_sign_ins, close_account):
        with pytest.raises(Conflict) as refusal:
            verb(me, by=world.anna, at=at, now=NOW)
        assert refusal.value.code == "oneself"


def test_the_last_administrator_stays(world) -> None:
    """Two close each other: the first is closed by then, and would leave nobody."""
    eve = Actor(world.user("eve", Role.ADMINISTRATOR).id, Role.ADMINISTRATOR, world.market.id)
    close_account(eve.user_id, by=world.anna, at=database_now(), now=NOW)
    with pytest.raises(Conflict) as refusal:
        close_account(world.anna.user_id, by=eve, at=database_now(), now=NOW)
    assert refusal.value.code == "last_administrator"
    assert User.objects.get(id=world.anna.user_id).is_active


def test_a_nurses_account_goes_with_her_shifts(world) -> None:
    nina = world.nurse("nina")
    for verb, more in ((close_account, {"at": database_now()}), (open_account, {})):
        with pytest.raises(Conflict) as refusal:
            verb(nina.user_id, by=world.anna, now=NOW, **more)
        assert refusal.value.code == "nurse_account"
    assert seen(world, nina).nurse == nina.person_id
    accept(link_for(world, nina))


def test_whoever_has_consults_ahead_stays() -> None:
    town = Town()
    assert town.consult
    with pytest.raises(Conflict) as refusal:
        close_account(town.dora.user_id, by=town.anna, at=database_now(), now=town.now())
    assert refusal.value.code == "consults_ahead"


def test_patients_programs_and_other_markets_are_not_among_them(world) -> None:
    there = World("Elsewhere")
    assert world.alice
    shown = {one.id for one in accounts(world.anna, at=database_now())}
    assert shown == {world.anna.user_id, world.bob.user_id}
    for foreign in (world.alice, there.bob):
        before = counts()
        for verb in (invite, reset_second_factor, end_sign_ins, close_account):
            with pytest.raises(NotFound):
                verb(foreign.user_id, by=world.anna, at=database_now(), now=NOW)
        with pytest.raises(NotFound):
            open_account(foreign.user_id, by=world.anna, now=NOW)
        assert counts() == before
