"""Signing in by an OpenID Connect provider: whose word counts, for whom, and when it does not."""

import time
from io import StringIO

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command
from django.test import Client

from dispatch.models import AuditEntry, User
from tests.api.town import Town
from tests.builders import PASSWORD, World
from tests.standin_oidc import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.web.signing_in import is_signed_in, sign_in, with_generator, with_password

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def provider(settings):
    with running_provider() as provider:
        (app,) = settings.SOCIALACCOUNT_PROVIDERS["oidc"]["APPS"]
        settings.OIDC_ISSUER = provider.issuer
        settings.SOCIALACCOUNT_PROVIDERS = {
            "oidc": {"APPS": [app | {"client_id": CLIENT_ID, "secret": CLIENT_SECRET}]}
        }
        yield provider


@pytest.fixture
def anna(town: Town, settings) -> User:
    settings.SECOND_FACTOR_REQUIRED = True
    return with_password(town.anna.user_id)


def bound(user: User, provider: Provider) -> None:
    uid = f"{provider.issuer} {provider.subject}"
    SocialAccount.objects.create(user=user, provider="oidc", uid=uid)


def there_and_back(browser: Client, provider: Provider, **more: str):
    """Follow the browser to the provider and back; return our answer."""
    sent = browser.post("/sign-in/provider", more)
    if sent.status_code != 302 or not sent.headers["Location"].startswith(provider.issuer):
        return sent
    back = provider.authorize(sent.headers["Location"])
    return browser.get(back.removeprefix("http://127.0.0.1:8000"))


def test_who_is_bound_signs_in_and_the_provider_vouches_for_the_second_factor(
    provider, anna
) -> None:
    bound(anna, provider)
    with_generator(anna)
    provider.claims = {"amr": ["pwd", "mfa"]}
    browser = Client()
    assert there_and_back(browser, provider).headers["Location"] == "/"
    assert browser.get("/board/").status_code == 200


def test_without_its_word_the_second_factor_is_ours_to_ask_for(provider, anna) -> None:
    bound(anna, provider)
    with_generator(anna)
    provider.claims = {"amr": ["pwd"]}
    browser = Client()
    assert there_and_back(browser, provider).headers["Location"] == "/sign-in/code"
    assert not is_signed_in(browser)


def test_an_identity_that_nobody_bound_opens_nothing(provider, anna) -> None:
    before = User.objects.count()
    browser = Client()
    answer = there_and_back(browser, provider)
    assert answer.status_code == 403
    assert "not known here" in answer.content.decode()
    assert not is_signed_in(browser)
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_the_same_subject_of_another_issuer_is_somebody_else(provider, anna) -> None:
    SocialAccount.objects.create(
        user=anna, provider="oidc", uid=f"https://elsewhere.example {provider.subject}"
    )
    assert there_and_back(Client(), provider).status_code == 403


def test_somebody_deactivated_is_refused(provider, anna) -> None:
    bound(anna, provider)
    User.objects.filter(id=anna.id).update(is_active=False)
    browser = Client()
    assert there_and_back(browser, provider).status_code == 403
    assert not is_signed_in(browser)


def test_an_identity_is_bound_by_who_gave_the_password_just_now(provider, anna) -> None:
    browser = Client()
    sign_in(browser, anna)
    asked = browser.post("/sign-in/provider", {"process": "connect", "next": "/account"})
    assert asked.headers["Location"].startswith("/account/again?next=")
    browser.post("/account/again", {"password": PASSWORD, "next": "/account"})
    there_and_back(browser, provider, process="connect", next="/account")
    kept = SocialAccount.objects.get()
    assert (kept.user_id, kept.uid) == (anna.id, f"{provider.issuer} {provider.subject}")
    assert kept.extra_data == {}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
    ],
)
def test_a_token_that_is_not_for_us_now_is_not_believed(provider, anna, claims) -> None:
    bound(anna, provider)
    provider.claims = claims | {"amr": None}
    assert refused(provider)


@pytest.mark.parametrize(
    "fault", ["down", "document", "signature", "key", "unsigned", "shared secret", "no token"]
)
def test_a_provider_that_fails_or_lies_ends_in_a_page_that_says_so(provider, anna, fault) -> None:
    bound(anna, provider)
    provider.fault = fault
    assert refused(provider)


def refused(provider: Provider) -> bool:
    browser = Client()
    answer = there_and_back(browser, provider)
    assert answer.status_code == 502
    assert "could not say who you are" in answer.content.decode()
    return not is_signed_in(browser)


def test_a_code_counts_in_the_browser_that_asked_for_it(provider, anna) -> None:
    bound(anna, provider)
    mine, theirs = Client(), Client()
    sent = mine.post("/sign-in/provider")
    back = provider.authorize(sent.headers["Location"]).removeprefix("http://127.0.0.1:8000")
    assert theirs.get(back).status_code == 502
    assert not is_signed_in(theirs)
    assert mine.get(back).status_code == 302
    assert mine.get(back).status_code == 502, "once"


def test_where_none_is_named_there_is_no_such_page(anna) -> None:
    assert Client().post("/sign-in/provider").status_code == 404
    assert Client().get("/sign-in/provider/back?code=x&state=y").status_code == 404
    assert "Sign in with" not in Client().get("/sign-in").content.decode()


def test_a_link_does_not_begin_a_sign_in(provider, anna) -> None:
    assert Client().get("/sign-in/provider").headers["Location"] == "/sign-in"
    assert "Sign in with" in Client().get("/sign-in").content.decode()


def verbs(user: User) -> list[str]:
    lines = AuditEntry.objects.filter(subject="user_account", subject_id=user.id)
    return list(lines.order_by("number").values_list("verb", flat=True))


def test_a_binding_of_ones_own_is_in_the_audit_trail(provider, anna) -> None:
    browser = Client()
    sign_in(browser, anna)
    browser.post("/account/again", {"password": PASSWORD, "next": "/account"})
    there_and_back(browser, provider, process="connect", next="/account")
    assert "account_connected" in verbs(anna)


def test_an_administrator_binds_for_somebody_else_and_releases(provider, anna, town) -> None:
    bob = with_password(town.bob.user_id)
    how = {"by": anna.username, "stdout": StringIO()}
    call_command("bind_identity", bob.username, provider.subject, **how)
    kept = SocialAccount.objects.get()
    assert (kept.user_id, kept.uid) == (bob.id, f"{provider.issuer} {provider.subject}")
    provider.claims = {"amr": ["pwd", "mfa"]}
    with_generator(bob)
    assert there_and_back(Client(), provider).headers["Location"] == "/"
    with pytest.raises(CommandError, match="opens this account already"):
        call_command("bind_identity", bob.username, provider.subject, **how)
    with pytest.raises(CommandError, match="opens another account already"):
        call_command("bind_identity", anna.username, provider.subject, **how)
    call_command("bind_identity", bob.username, provider.subject, release=True, **how)
    assert not SocialAccount.objects.exists()
    assert {"bind_identity", "release_identity"} <= set(verbs(bob))
    with pytest.raises(CommandError, match="no such identity"):
        call_command("bind_identity", bob.username, provider.subject, release=True, **how)


def test_nobody_binds_across_markets_or_without_being_an_administrator(
    provider, anna, town
) -> None:
    bob = User.objects.get(id=town.bob.user_id)
    elsewhere = User.objects.get(id=World("Elsewhere").anna.user_id)
    for account, by, words in (
        (bob, elsewhere, "no such user"),
        (anna, bob, "no such administrator"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("bind_identity", account.username, provider.subject, by=by.username)
    assert not SocialAccount.objects.exists()
