"""What browsers are told: nothing inline, nothing framed, nothing kept; and that it is enough."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from config.headers import Headers
from tests.api.town import ROOT, Town

ANSWERS = {
    "a page": "/",
    "JSON": "/healthz",
    "a refusal": f"{ROOT}me",
    "no such address": "/nowhere",
    "the document": f"{ROOT}schema",
    "the docs": f"{ROOT}docs",
    "a script of the docs": f"{ROOT}docs?script=",
    "a static file": "/static/drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png",
    "metrics": "/metrics",
    "a page about a visit": "/m/unknown",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING = {
    name: ["'none'"] for name in ("default-src", "frame-ancestors", "base-uri", "form-action")
}

TAGS = re.compile(r"{%.*?%}")
INLINE = re.compile(
    r'<script(?![^>]*( src=| type="application/json"))|<style|\sstyle=|\son\w+=|hx-on'
    r"|\b(javascript|js):"
)


def policy_of(answer) -> dict[str, list[str]]:
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("what", ANSWERS)
def test_every_answer_carries_them(client: Client, what: str) -> None:
    answer = client.get(ANSWERS[what])
    answer.close()
    assert {name: answer[name] for name in ALWAYS} == ALWAYS
    assert "camera=()" in answer["Permissions-Policy"]
    assert "no-store" in answer["Cache-Control"] or "/static/" in ANSWERS[what]
    policy = policy_of(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    if not answer["Content-Type"].startswith("text/html"):
        assert policy == NOTHING


def test_the_style_of_a_document_is_a_file(client: Client, town: Town) -> None:
    path = f"visits/{town.completed}/superbill"
    answer = town.as_(town.alice).ask("GET", path, Accept="text/html")
    assert policy_of(answer)["style-src"] == ["'self'"]
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', answer.content.decode())
    found = client.get(style)
    assert (found.status_code, found["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    found.close()


@pytest.mark.django_db
def test_the_pages_style_is_a_file(client: Client) -> None:
    answer = client.get("/static/web/screen.css")
    assert (answer.status_code, answer["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    answer.close()


@pytest.mark.django_db
def test_the_docs_hold_no_script_and_no_style_but_those_with_an_address(client: Client) -> None:
    page = client.get(f"{ROOT}docs").content.decode()
    assert "swagger-ui-bundle.js" in page
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page) == []
    script = client.get(f"{ROOT}docs?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle" in script.content


def test_no_template_of_ours_runs_anything_inline() -> None:
    files = [*(settings.BASE_DIR / "web" / "templates").rglob("*.html")]
    assert len(files) > 80
    assert [str(one) for one in files if INLINE.search(TAGS.sub("", one.read_text()))] == []


@pytest.mark.parametrize(
    "text",
    ["<script>x", "<script defer>x", "<style>", '<p style="x">', '<p\nonclick="x">',
     '<p hx-on:click="x">', '<a href="javascript:x">', '<p hx-vals="js:{x: 1}">'],
)  # fmt: skip
def test_what_is_inline_is_found(text: str) -> None:
    """The control."""
    assert INLINE.search(TAGS.sub("", text))
    assert not INLINE.search(TAGS.sub("", '<p>{% include "x.html" with one=two %}</p>'))


@pytest.mark.django_db
def test_who_else_signs_people_in_may_be_led_to_by_a_form(client: Client, settings) -> None:
    assert policy_of(client.get("/"))["form-action"] == ["'self'"]
    settings.OIDC_ISSUER = "https://id.example/realm"
    assert policy_of(client.get("/"))["form-action"] == ["'self'", "https://id.example"]
    settings.OIDC_AUTHORIZES_AT = ["https://login.example:8443/oauth2/authorize"]
    both = ["'self'", "https://id.example", "https://login.example:8443"]
    assert policy_of(client.get("/sign-in"))["form-action"] == both


@pytest.mark.django_db
def test_without_the_middleware_they_are_missing(client: Client, settings) -> None:
    """The control."""
    ours = f"{Headers.__module__}.{Headers.__name__}"
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != ours]
    assert "Content-Security-Policy" not in client.get("/healthz")
