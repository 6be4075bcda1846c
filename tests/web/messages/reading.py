"""Reads the preview of messages in a browser without scripts."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

from dispatch.domain.people import Actor
from dispatch.models import Message, User

BODY = re.compile(r'<p class="body"[^>]*>(.*?)</p>', re.DOTALL)
LINE = re.compile(r'data-message="([^"]+)" data-state="(\w+)"')


def browser_of(person: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=person.user_id))
    return client


def page_of(client: Client, **named: str) -> str:
    answer = client.get("/messages/", named)
    assert answer.status_code == 200
    return answer.content.decode()


def lines(client: Client, **named: str) -> list[tuple[str, str]]:
    """Id and state of each message on the page."""
    return LINE.findall(page_of(client, **named))


def text(client: Client, message: Message) -> str:
    return client.get(f"/messages/{message.id}").content.decode()


def bodies(page: str) -> list[str]:
    """The texts of messages on a page, as a reader sees them."""
    return [unescape(one) for one in BODY.findall(page)]


def without_secret(body: str) -> str:
    """The text as the desk reads it: without the last part of its link."""
    parts = body.split(" ")
    return " ".join(
        one.rpartition("/")[0] + "/…" if one.startswith("http") else one for one in parts
    )
