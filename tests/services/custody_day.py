"""A day with a visit and a vial, and verbs to tell what was done with it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import transaction

from dispatch import ledger
from dispatch.domain.custody import EntryKind, Movement
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.visit import Action, Status, advance
from dispatch.models import OutboxEvent, Task, Visit
from dispatch.selectors.vials import vials_seen_by
from dispatch.services.assignment import assign_visit
from dispatch.services.custody import witness
from tests.builders import NOW, World, at
from tests.door import suppose_told

CONTENT = 50_000
OUT, GIVEN = EntryKind.CHECKED_OUT, EntryKind.GIVEN
WASTED, BACK, GAP = EntryKind.WASTED, EntryKind.RETURNED, EntryKind.DISCREPANCY


class Day:
    """Nina has Alice's visit tomorrow at ten; Nora and Dora may sign."""

    def __init__(self) -> None:
        self.world = World()
        self.nina, self.nora = self.world.nurse("nina"), self.world.nurse("nora")
        self.dora = self.world.dora
        self.world.shift(self.nina)
        self.visit = self.book(10)
        self.vial = self.world.vial()

    def book(self, hour: int) -> UUID:
        alice = self.world.patient(f"alice at {hour}")
        visit = self.world.book(self.world.home(alice), alice, at(hour))
        assign_visit(visit, now=NOW)
        return visit

    def told(self, kind: EntryKind, ug: int | None = None, **more) -> UUID | None:
        by = more.pop("by", self.nina)
        fields = {"vial": self.vial, "visit_id": self.visit, "at": at(10), "event_id": new_id()}
        movement = Movement(kind=kind, ug=ug, **(fields | more))
        with transaction.atomic():
            return ledger.enter(movement, by=by, now=at(11))

    def sign(self, entry: UUID | None, by: Actor | None = None) -> None:
        assert entry is not None
        witness(entry, by=by or self.nora, now=at(11))

    def step(self, *actions: Action) -> None:
        row = Visit.objects.get(id=self.visit)
        for action in actions:
            row.status = advance(Status(row.status), action).value
            suppose_told(row, NOW, action.value)
            if action is Action.ABORT:
                row.reservation = None
            row.save(update_fields=["status", "reservation"])

    def state(self) -> str:
        return vials_seen_by(self.nina).get(id=self.vial).state

    @property
    def open_tasks(self) -> list[UUID]:
        return list(Task.objects.filter(done_at=None).values_list("subject_id", flat=True))

    @property
    def events(self) -> list[str]:
        return list(OutboxEvent.objects.values_list("name", flat=True))


def refused(code: str):
    return pytest.raises(Conflict, check=lambda refusal: refusal.code == code)
