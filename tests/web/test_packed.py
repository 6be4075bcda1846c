"""Static files go over the wire packed, to whom takes them so; pages with secrets never do."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

FILE = "/static/web/screen.js"


def asked(path: str = FILE, takes: str = "gzip, deflate, br", **more: str) -> Any:
    return Client().get(path, headers={"Accept-Encoding": takes, **more})


def plain() -> bytes:
    return asked(takes="identity").getvalue()


def test_a_script_is_packed_and_is_the_same(db: None) -> None:
    answer = asked()
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == plain()
    assert int(answer["Content-Length"]) == len(answer.content) < len(plain()) / 2
    assert answer["Content-Type"].startswith("text/javascript")
    head = Client().head(FILE, headers={"Accept-Encoding": "gzip"})
    assert (head["Content-Length"], head.content) == (answer["Content-Length"], b"")


@pytest.mark.parametrize("takes", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_who_does_not_take_it_packed_gets_it_as_it_is(db: None, takes: str) -> None:
    answer = asked(takes=takes)
    assert "Content-Encoding" not in answer
    assert answer.getvalue() == plain()


def test_caches_keep_both_apart_and_for_as_long(db: None) -> None:
    for answer in (asked(), asked(takes="identity")):
        assert answer["Vary"] == "Accept-Encoding"
        assert answer["Cache-Control"] == "max-age=60, public"
        answer.close()
    again = asked(**{"If-None-Match": asked()["ETag"]})
    assert (again.status_code, again["Vary"]) == (304, "Accept-Encoding")


def test_a_part_and_a_picture_are_as_they_are(db: None) -> None:
    part = asked(Range="bytes=0-9")
    assert (part.status_code, part.getvalue()) == (206, plain()[:10])
    picture = asked("/static/web/route/icon-192.png")
    assert not {"Content-Encoding", "Vary"} & picture.headers.keys()
    picture.close()


def test_a_page_is_never_packed(db: None) -> None:
    page = asked(reverse("account_login"), takes="gzip")
    assert page.status_code == 200
    assert "Content-Encoding" not in page
