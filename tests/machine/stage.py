"""The service as the machine drives it: one visit, its people, and plain SQL to look at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from dispatch.domain.errors import DispatchError
from dispatch.domain.events import EVENTS
from dispatch.domain.people import Actor, Role
from dispatch.models import Licence, OutboxEvent, Visit
from dispatch.selectors.gates import gates_of
from dispatch.services.assignment import assign_by_hand
from dispatch.services.custody import witness
from dispatch.services.fieldwork import record_events
from tests.builders import LONG_AGO, NEVER, NOW, TODAY, TOMORROW, World, at
from tests.machine.model import Model
from tests.machine.vials import cupboard
from tests.telling import HERE, told
from workers.reactions import REACTIONS

CONTENT = 50_000
LATER = TOMORROW + timedelta(days=1)


class Stage:
    """Alice's visit at ten tomorrow; Nina and Nora work, Dora and Eve prescribe, Bob dispatches."""

    def __init__(self) -> None:
        self.world = World()
        self.people = {name: self.world.nurse(name) for name in ("nina", "nora")}
        for nurse in self.people.values():
            for day in (TODAY, TOMORROW, LATER):
                self.world.shift(nurse, day)
        eve = self.world.user("eve", Role.PRESCRIBER)
        self.people |= {
            "dora": self.world.dora, "bob": self.world.bob, "alice": self.world.alice,
            "anna": self.world.anna,
            "eve": Actor(eve.id, Role.PRESCRIBER, self.world.market.id),
        }  # fmt: skip
        self.nurses = {self.people[name].person_id: name for name in ("nina", "nora")}
        self.home = self.world.home(self.world.alice)
        self.visit_id = self.world.book(self.home, self.world.alice, at(10))
        self.companions = {
            name: self.world.companion(self.world.alice).id for name in ("carl", "dan")
        }
        for label in ("V1", "V2"):
            self.world.vial(label, CONTENT)
        self.world.vial("VX", CONTENT, TODAY)
        self.model = Model(at(10), cupboard(CONTENT), self.held())

    @property
    def visit(self) -> Visit:
        return Visit.objects.get(id=self.visit_id)

    def held(self) -> str | None:
        """On whose route the visit has its time."""
        rows = self.sql(
            "SELECT nurse_id FROM reservation WHERE id ="
            " (SELECT reservation_id FROM visit WHERE id = %s)",
            self.visit_id,
        )
        return self.nurses[rows[0][0]] if rows else None

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def row(self) -> dict[str, Any]:
        names = (
            "status", "moves", "fee_cents", "ended_code", "recovery_extended_s", "window_start",
            "departed_at", "arrived_at", "infusion_started_at", "infusion_ended_at",
            "discharged_at", "completed_at",
        )  # fmt: skip
        (found,) = self.sql(
            f"SELECT {', '.join(names)} FROM visit WHERE id = %s",  # noqa: S608
            self.visit_id,
        )
        return dict(zip(names, found, strict=True))

    def hands(self) -> dict[str, int]:
        """What the ledger says is in the nurse's hands for the visit, by the vial's label."""
        rows = self.sql(
            "SELECT number, sum(CASE WHEN target = 'nurse' THEN ug ELSE -ug END)"
            " FROM custody_entry JOIN vial ON vial.id = vial_id"
            " WHERE visit_id = %s AND 'nurse' IN (source, target) GROUP BY number",
            self.visit_id,
        )
        return {number: int(ug) for number, ug in rows}

    def accounts(self) -> dict[tuple[str, str], int]:
        """What every account of every vial holds."""
        rows = self.sql(
            "SELECT number, account, sum(ug) FROM ("
            " SELECT vial_id, target AS account, ug FROM custody_entry UNION ALL"
            " SELECT vial_id, source, -ug FROM custody_entry) AS moved"
            " JOIN vial ON vial.id = vial_id GROUP BY number, account"
        )
        return {(number, account): int(ug) for number, account, ug in rows}

    def unsigned(self) -> list[UUID]:
        rows = self.sql(
            "SELECT coalesce(event_id, id) FROM custody_entry AS e WHERE visit_id = %s"
            " AND kind IN ('wasted', 'returned', 'discrepancy') AND NOT EXISTS"
            " (SELECT FROM custody_signature WHERE entry_id = e.id)",
            self.visit_id,
        )
        return [event for (event,) in rows]

    def gates(self, now: datetime) -> dict[str, str]:
        return {one.name.value: one.state.value for one in gates_of(self.visit, now=now)}

    def attempt(self, action: Callable[..., Any], *values: Any, **named: Any) -> tuple[str, Any]:
        """Do it in a transaction of its own; return the code of the refusal and what it names."""
        try:
            with transaction.atomic():
                action(*values, **named)
                connection.check_constraints()
        except DispatchError as refusal:
            return refusal.code, refusal.facts
        return "", None

    def deliver(self, now: datetime) -> None:
        """As the workers do, at the machine's time: every reaction to every event there is."""
        while events := list(OutboxEvent.objects.filter(done_at__isnull=True).order_by("id")):
            for event in events:
                facts = {name: UUID(value) for name, value in event.payload.items()}
                for reaction in REACTIONS.get(EVENTS[event.name], ()):
                    reaction(**facts, now=now)
                event.done_at = now
                event.save(update_fields=["done_at"])
            connection.check_constraints()

    def license(self, name: str, *, valid: bool) -> None:
        until = NEVER if valid else at(0, day=TODAY)
        Licence.objects.filter(nurse_id=self.people[name].person_id).update(
            valid_from=LONG_AGO, valid_until=until
        )

    # The neighbours

    def leave_a_vial_open(self) -> UUID:
        """Nina broke another visit off today, and has not accounted for its vial."""
        amy = self.world.patient("amy")
        visit_id = self.with_nina(amy, at(13, day=TODAY))
        self.world.vial("VN", CONTENT)
        then = at(13, 30, day=TODAY)
        events = [
            told("depart", at(12, 40, day=TODAY)), told("arrive", at(13, day=TODAY), **HERE),
            told("checkout", then, vial="VN"), told("give", then, vial="VN", ug=20_000),
            told("abort", then, reason="adverse_reaction"),
        ]  # fmt: skip
        record_events(visit_id, events, by=self.people["nina"], now=then)
        return visit_id

    def settle_it(self, visit_id: UUID, now: datetime) -> None:
        wasted = told("waste", now, vial="VN", ug=30_000)
        record_events(visit_id, [wasted], by=self.people["nina"], now=now)
        ((entry,),) = self.sql(
            "SELECT id FROM custody_entry WHERE visit_id = %s AND kind = 'wasted'", visit_id
        )
        witness(entry, by=self.world.dora, now=now)

    def with_nina(self, patient: Actor, start: datetime) -> UUID:
        nina = self.people["nina"]
        visit_id = self.world.book(self.world.home(patient), patient, start)
        assign_by_hand(
            visit_id, nina.person_id, reason="", expected_version=None,
            by=self.world.bob, now=NOW,
        )  # fmt: skip
        return visit_id
