"""The pages of signing in: in whose language, for which market, and what they ask of a browser."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from dispatch import tenancy
from dispatch.models import User
from tests.api.town import Town
from tests.builders import PASSWORD
from tests.web.signing_in import recovery_codes, shown_by, sign_in, with_generator, with_password
from web import guarding
from web.languages import all_words

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def alice(town: Town) -> User:
    return with_password(town.alice.user_id)


@pytest.fixture
def bob(town: Town) -> User:
    return with_password(town.bob.user_id)


def test_no_form_is_taken_without_its_token(browser, alice) -> None:
    assert sign_in(browser, alice).status_code == 403
    for path in ("/sign-out", "/account/password", "/sign-in/passkey", "/sign-in/provider"):
        assert browser.post(path, {}).status_code == 403


def test_a_form_comes_with_the_address_it_is_of(browser, alice) -> None:
    """A browser that may tell no referrer sends "null", which is refused."""
    page = browser.get("/sign-in")
    assert '<meta name="referrer" content="same-origin">' in page.content.decode()
    token = browser.cookies["csrf"].value
    body = {"login": alice.username, "password": PASSWORD, "csrfmiddlewaretoken": token}
    for origin, status in (
        ("null", 403),
        ("https://evil.example", 403),
        ("http://testserver", 302),
    ):
        assert browser.post("/sign-in", body, headers={"Origin": origin}).status_code == status


def test_a_screen_sees_the_market_of_who_is_signed_in(town) -> None:
    seen = []

    def view(_request: HttpRequest, visitor: guarding.Visitor) -> HttpResponse:
        seen.append((tenancy.tenant(), visitor.by))
        return HttpResponse()

    request = RequestFactory().get("/board/")
    request.user = User.objects.get(id=town.bob.user_id)
    assert guarding.page("board/", view).callback(request).status_code == 200
    assert seen == [(str(town.market.id), town.bob)]


def test_the_pages_speak_the_browsers_language(client, alice) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "es-MX,es;q=0.9"}).content.decode()
    assert '<html lang="es"' in page
    assert "Iniciar sesión" in page
    assert "Contraseña" in page
    assert '<html lang="en"' in client.get("/sign-in").content.decode()


def test_no_page_holds_a_script_or_a_style_of_its_own(client, bob) -> None:
    """What a policy without unsafe-inline refuses; blocks of data are no scripts."""
    secret = with_generator(bob)
    pages = [client.get("/sign-in")]
    sign_in(client, bob)
    pages.append(client.get("/sign-in/code"))
    client.post("/sign-in/code", {"code": shown_by(secret)})
    pages.append(client.get("/account/again/code"))
    client.post("/account/again/code", {"code": recovery_codes(bob)[0], "next": "/account"})
    more = ("", "/password", "/second-factor/codes", "/second-factor/codes/new",
            "/second-factor/passkeys/add", "/second-factor/generator/remove")  # fmt: skip
    pages.extend(client.get(f"/account{path}") for path in more)
    pages.append(client.get("/sign-out"))
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "<style" not in text
        assert " style=" not in text
        assert "onclick" not in text
        inline = [one for one in text.split("<script")[1:] if "src=" not in one.partition(">")[0]]
        assert all('type="application/json"' in one.partition(">")[0] for one in inline)
        assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_words_are_the_same_in_both_languages() -> None:
    english, spanish = all_words("en"), all_words("es")
    assert {name: set(page) for name, page in english.items()} == {
        name: set(page) for name, page in spanish.items()
    }


def test_who_has_no_password_is_not_asked_to_change_it(town) -> None:
    """They sign in by the provider alone."""
    browser, user = Client(), User.objects.get(id=town.bob.user_id)
    user.set_unusable_password()
    user.save()
    browser.force_login(user)
    assert "/account/password" not in browser.get("/account").content.decode()
    answer = browser.get("/account/password")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account")
