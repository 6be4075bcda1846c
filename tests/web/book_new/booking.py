"""A patient before a booking, whose browser is Django's own."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.test import Client

from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.models import Location, User
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.api.town import Town
from tests.builders import KETAMINE, NOW, TOMORROW


class Booking:
    """Alice in her town, Nina on shift for some weeks; ``browser`` speaks for Alice."""

    def __init__(self) -> None:
        self.town = Town()
        self.browser = self.of(self.town.alice)

    def of(self, actor: Actor) -> Client:
        browser = Client()
        browser.force_login(User.objects.get(id=actor.user_id))
        return browser

    def more_shifts(self, days: int) -> None:
        for day in range(1, days):
            self.town.world.shift(self.town.nina, TOMORROW + timedelta(days=day))

    @cached_property
    def home(self) -> Location:
        return self.town.home

    def place(self, kind: LocationKind) -> Location:
        return self.town.world.home(self.town.alice, kind=kind)

    def protocol_id(self, code: str = KETAMINE) -> UUID:
        return self.town.world.protocol_row(code).id

    def to(self, step: str, how: str = "visit", code: str = KETAMINE, home: Any = None) -> str:
        place = (home or self.home).id
        return f"/book/new/{place}/{self.protocol_id(code)}/{how}/{step}"

    def clear(self, code: str = KETAMINE, **answers: Any) -> None:
        record_screening(
            patient_id=None, protocol_code=code, answers=CLEARED | answers,
            by=self.town.alice, now=NOW,
        )  # fmt: skip

    def a_start(self) -> str:
        """The first time that the page offers."""
        shown = self.browser.get(self.to("times")).content.decode()
        return re.findall(r'name="start" value="(\d+)"', shown)[0]

    def hold(self) -> str:
        """Hold it; where that leads."""
        answer = self.browser.post(self.to("times"), {"start": self.a_start()})
        assert answer.status_code == 303, answer.content.decode()
        return str(answer.headers["Location"])

    def sign(self, held: str) -> None:
        signed = {"agree": "on", "name": "Alice", "text_version": "1"}
        answer = self.browser.post(held.replace("companion", "consent"), signed)
        assert answer.headers["Location"].endswith("/price"), answer.content.decode()
