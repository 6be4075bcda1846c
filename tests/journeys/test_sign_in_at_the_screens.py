"""A real gunicorn: somebody signs in as a browser does, uses the API, and is signed out."""

import re

import httpx
import pytest

from tests.api.town import Town
from tests.builders import PASSWORD
from tests.faults.running import start_api
from tests.web.signing_in import with_password

pytestmark = pytest.mark.journey

ME, COMPANIONS = "/api/v1/me", "/api/v1/companions"


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_a_browser_signs_in_works_and_signs_out(fresh_database, services_env, launch) -> None:
    user = with_password(Town().alice.user_id)
    url = start_api(launch, services_env)
    with httpx.Client(base_url=url, follow_redirects=True, timeout=60) as browser:
        assert browser.get(ME).status_code == 401
        sent = {"login": user.username, "password": PASSWORD}
        sent["csrfmiddlewaretoken"] = token_of(browser.get("/"))
        assert browser.post("/sign-in", data=sent).url.path == "/book/"
        assert browser.get(ME).json()["username"] == user.username
        body = {"name": "Carla", "phone": "202 555 0177"}
        assert browser.post(COMPANIONS, json=body).status_code == 403
        proof = {"X-CSRFToken": browser.cookies["csrf"]}
        assert browser.post(COMPANIONS, json=body, headers=proof).status_code == 201
        styles = browser.get("/static/web/screen.css")
        assert (styles.status_code, styles.headers["Content-Type"][:8]) == (200, "text/css")
        kept = browser.cookies["session"]
        out = {"csrfmiddlewaretoken": token_of(browser.get("/account"))}
        assert browser.post("/sign-out", data=out).url.path == "/sign-in"
        assert browser.get(ME).status_code == 401
    with httpx.Client(base_url=url, cookies={"session": kept}, timeout=60) as thief:
        assert thief.get(ME).status_code == 401
