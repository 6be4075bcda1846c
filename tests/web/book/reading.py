"""A patient's browser is Django's own; its pages are read as plain text."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from dispatch.domain.people import Actor
from dispatch.models import Visit
from tests.api.town import Town
from tests.web.signing_in import sign_in, with_password
from web.languages import all_words

WORDS = all_words("en")["book"]


def signed_in(person: Actor) -> Client:
    client = Client()
    assert sign_in(client, with_password(person.user_id)).status_code == 302
    return client


def of(town: Town, *more: str) -> str:
    return "/".join([f"/book/visits/{town.visit}", *more])


def version(town: Town) -> int:
    return Visit.objects.get(id=town.visit).version


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
