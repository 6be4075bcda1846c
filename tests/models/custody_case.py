"""A visit, two nurses and a vial in stock, with raw SQL to write whatever one likes about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from dispatch.domain.custody import WAYS, Account, EntryKind
from dispatch.domain.ids import new_id
from dispatch.domain.visit import Status
from dispatch.models import Visit
from dispatch.models.encrypted import encrypt
from tests.builders import NOW, World, at
from tests.door import suppose_told

CONTENT = 50_000


class Case:
    """Nina has Alice's visit, Nora is her colleague, and one vial is in stock."""

    def __init__(self, name: str = "Washington") -> None:
        self.world = World(name)
        self.nina, self.nora = self.world.nurse("nina"), self.world.nurse("nora")
        self.world.shift(self.nina)
        self.visit = self.world.book(self.world.home(self.world.alice), self.world.alice, at(10))
        self.vial = self.world.vial()

    def entry(self, kind: str, ug: int = CONTENT, **more: Any) -> UUID:
        ways = sorted(WAYS.get(EntryKind(kind), {("supplier", "stock")}))
        source, target = ways[0]
        row = {
            "id": new_id(), "market_id": self.world.market.id, "vial_id": self.vial, "kind": kind,
            "source": more.get("source", source), "target": more.get("target", target), "ug": ug,
            "visit_id": None, "nurse_id": None, "event_id": None, "reason": encrypt("lost"),
            "asked_id": None, "restocks_id": None, "at": NOW, "recorded_at": NOW,
            "recorded_by_id": self.nina.user_id,
        }  # fmt: skip
        if Account.NURSE in (row["source"], row["target"]):
            row |= {"visit_id": self.visit, "nurse_id": self.nina.person_id}
        return insert("custody_entry", row | more)

    def sign(self, entry: UUID, user: UUID | None = None, **more: Any) -> UUID:
        row = {
            "id": new_id(), "market_id": self.world.market.id, "entry_id": entry,
            "signed_by_id": user or self.nora.user_id, "at": NOW,
        }  # fmt: skip
        return insert("custody_signature", row | more)

    def complete(self) -> None:
        told = ("depart", "arrive", "start-infusion", "end-infusion", "complete")
        suppose_told(Visit.objects.get(id=self.visit), NOW, *told)
        for status in (Status.ASSIGNED, Status.EN_ROUTE, Status.ARRIVED, Status.IN_TREATMENT,
                       Status.RECOVERING, Status.COMPLETED):  # fmt: skip
            run("UPDATE visit SET status = %s WHERE id = %s", status.value, self.visit)


def insert(table: str, row: dict[str, Any]) -> UUID:
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row.values())  # noqa: S608
    return row["id"]


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def refused(wall: str):
    return pytest.raises(IntegrityError, match=wall)
