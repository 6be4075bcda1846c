"""Alice's visit tomorrow, somebody asked by text to stay, and what became of it."""

from __future__ import annotations

from datetime import timedelta

from dispatch.domain.gates import GateName
from dispatch.models import CompanionRequest, Market, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.gates import gates_of
from dispatch.services.assignment import assign_visit
from dispatch.services.cancellation import reschedule_visit
from tests.builders import NOW, TOMORROW, World, at
from workers import work


class Story:
    """Alice's visit tomorrow at ten, with Carl asked to stay by text."""

    def __init__(self, companion: bool = True) -> None:
        self.world = World()
        self.set_clock(NOW)
        self.alice, self.nina = self.world.alice, self.world.nurse("nina")
        self.world.shift(self.nina)
        self.carl = self.world.companion(self.alice) if companion else None
        self.home = self.world.home(self.alice)
        self.visit = self.book(10)

    def set_clock(self, now) -> None:
        offset = now - database_now()
        Market.objects.filter(id=self.world.market.id).update(clock_offset=offset)

    def book(self, hour: int, day=TOMORROW):
        visit = self.world.book(self.home, self.alice, at(hour, day=day), companion=self.carl)
        assign_visit(visit, now=NOW)
        work.deliver_events()
        work.send_messages()
        return visit

    def answer(self, visit=None) -> str:
        asked = CompanionRequest.objects.get(visit=visit or self.visit, replaced_at__isnull=True)
        return asked.answer

    def gate(self) -> str:
        visit = Visit.objects.get(id=self.visit)
        found = gates_of(visit, now=NOW)
        return next(one.state.value for one in found if one.name is GateName.COMPANION)

    def book_another(self):
        """Three days later."""
        day = TOMORROW + timedelta(days=3)
        self.world.shift(self.nina, day)
        return self.book(10, day)

    def move(self) -> None:
        """To two in the afternoon."""
        (slot,) = (one for one in self.world.slots(self.home) if one.start == at(14))
        hold = self.world.hold(slot, self.home, self.alice)
        reschedule_visit(self.visit, hold, expected_version=None, by=self.alice, now=NOW)
