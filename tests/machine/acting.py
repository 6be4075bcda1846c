"""What people do about one visit, each act compared with what the model says of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from dispatch.domain.visit import Action
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.fieldwork import perform, record_events
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, at
from tests.machine.cheats import cheat
from tests.machine.model import BEFORE, OVER, Model
from tests.machine.stage import Stage

SAID = {
    "well": CLEARED,
    "pregnant": CLEARED | {"pregnant": "yes"},
    "not known": CLEARED | {"blood_pressure": "unknown"},
}
JUDGED = {"well": "cleared", "pregnant": "refused", "not known": "review"}
SEEN: Counter[str] = Counter()
"""How often what came about, over all examples of this process."""


class Acting(RuleBasedStateMachine):
    """``now`` is the clock of the market; it begins in the morning of the visit's day."""

    def __init__(self) -> None:
        super().__init__()
        self.outside = transaction.atomic()
        self.outside.__enter__()
        self.stage = Stage()
        self.now = at(6, 30)
        self.other: dict[str, Any] = {}
        SEEN["examples"] += 1

    def teardown(self) -> None:
        SEEN[f"ended {self.model.status}"] += 1
        transaction.set_rollback(True)
        self.outside.__exit__(None, None, None)

    @property
    def model(self) -> Model:
        return self.stage.model

    @initialize(
        neighbour=st.sampled_from(["none", "none", "vial open", "elsewhere"]), ready=st.booleans()
    )
    def begin(self, neighbour: str, ready: bool) -> None:
        if neighbour == "vial open":
            self.other["open"] = self.stage.leave_a_vial_open()
            self.model.unsettled.add("nina")
        if neighbour == "elsewhere":
            amy = self.stage.world.patient("amy")
            self.other["elsewhere"] = self.stage.with_nina(amy, at(14))
        self.stage.deliver(self.now)
        if ready:
            self.assign()
            for name in sorted(self.model.closed(self.now)):
                self.open_gate(name)

    # Acts

    def expect(self, got: tuple[str, Any], code: str) -> bool:
        """Compare the refusal, or that there was none; return whether it was done."""
        SEEN["steps"] += 1
        SEEN[code or "done"] += 1
        assert got[0] == code, f"{got} where the model says {code!r}"
        return code == ""

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def screen(self, said: str) -> None:
        alice = self.stage.people["alice"]
        got = self.stage.attempt(
            record_screening, patient_id=None, protocol_code=KETAMINE, answers=SAID[said],
            by=alice, now=self.now,
        )  # fmt: skip
        if self.expect(got, ""):
            self.model.screen(self.now, JUDGED[said])

    def assign(self) -> None:
        """A worker looks for a nurse; who it is, is the planner's to say."""
        stage, model = self.stage, self.model
        able = {name for name, ok in model.licensed.items() if ok}
        early = self.now <= model.window - timedelta(hours=2)
        before = model.status
        self.expect(stage.attempt(assign_visit, stage.visit_id, now=self.now), "")
        if before == "requested":
            given = stage.row()["status"] == "assigned"
            nurse = stage.held()
            assert not given or nurse in able, f"{nurse} has no licence"
            assert given or not (early and able and not model.elsewhere), "nobody was found"
            if given:
                model.assigned(nurse)
            model.held = nurse

    def assign_to(self, nurse: str) -> None:
        stage, model = self.stage, self.model
        got, facts = stage.attempt(
            assign_by_hand, stage.visit_id, stage.people[nurse].person_id, reason="asked",
            expected_version=None, by=stage.world.bob, now=self.now,
        )  # fmt: skip
        early = self.now <= model.window - timedelta(hours=2)
        if model.status not in {"requested", "assigned"}:
            self.expect((got, facts), "wrong_status")
        elif not model.licensed[nurse]:
            self.expect((got, facts), "rules_broken")
        elif (early and not model.elsewhere) or got == "":
            self.expect((got, facts), "")
            model.assigned(nurse)
        else:
            self.expect((got, facts), "rules_broken")

    def step(self, action: str, by: str, data: dict[str, Any]) -> None:
        stage, model = self.stage, self.model
        code, named = model.step(action, by, self.now, data)
        told_at = model.at(self.now)
        known = {number for (number,) in stage.sql("SELECT id FROM field_event")}
        got = stage.attempt(
            perform, stage.visit_id, Action(action), reason="", data=data,
            expected_version=None, by=stage.people[by], now=self.now,
        )  # fmt: skip
        if code == "gate_closed" and got[0] == code:
            assert {one["name"] for one in got[1]["gates"]} == named
        if code == "step_missing" and got[0] == code:
            assert set(got[1]["missing"]) == named
        if self.expect(got, code):
            ((number,),) = stage.sql(
                "SELECT id FROM field_event WHERE NOT id = ANY(%s)", list(known)
            )
            event = {"id": number, "type": action, "at": told_at, "data": data}
            model.tell([event | {"received": self.now}], by)
            SEEN[f"{action} online"] += 1

    def phone(self, events: list[dict[str, Any]], by: str) -> None:
        """A phone tells a batch, as it lies there."""
        stage = self.stage
        sent = [
            {"id": str(one["id"]), "type": one["type"], "device_time": one["at"].isoformat(),
             "data": one["data"]}
            for one in events
        ]  # fmt: skip
        had_it = stage.sql(
            "SELECT FROM assignment WHERE visit_id = %s AND nurse_id = %s",
            stage.visit_id, stage.people[by].person_id,
        )  # fmt: skip
        got = stage.attempt(record_events, stage.visit_id, sent, by=stage.people[by], now=self.now)
        if self.expect(got, "" if had_it else "not_found"):
            self.model.tell([one | {"received": self.now} for one in events], by)
            SEEN["batches told"] += 1

    def deliver(self) -> None:
        self.stage.deliver(self.now)
        self.model.deliver(self.now)

    def cheat(self, name: str, statement: str, **values: Any) -> None:
        try:
            changed = cheat(statement, visit=self.stage.visit_id, **values)
        except DatabaseError:
            SEEN["cheats refused"] += 1
        else:
            assert changed == 0, f"{name}: nothing refuses it"
            SEEN["cheats with nothing to gain"] += 1

    # What must be so after every step

    @invariant()
    def the_row_is_as_the_model_says(self) -> None:
        row, model, course = self.stage.row(), self.model, self.model.row
        expected = {
            "status": model.status, "moves": model.moves, "fee_cents": model.fee,
            "ended_code": course.code, "recovery_extended_s": course.extended_s,
            "window_start": model.window, **course.times,
        }  # fmt: skip
        differs = {name: (row[name], it) for name, it in expected.items() if row[name] != it}
        assert not differs, f"found, expected: {differs}"
        assert self.stage.held() == model.held

    @invariant()
    def the_gates_are_as_the_model_says(self) -> None:
        if self.model.status in BEFORE | {"suspended"}:
            found, expected = self.stage.gates(self.now), self.model.gates(self.now)
            differs = {one: (found[one], it) for one, it in expected.items() if found[one] != it}
            assert not differs, f"found, expected: {differs}"

    @invariant()
    def the_vials_are_where_the_model_says(self) -> None:
        cupboard, accounts = self.model.cupboard, self.stage.accounts()
        for label, vial in cupboard.vials.items():
            for account, ug in (("stock", vial.stock), ("nurse", vial.hand),
                                ("returned", vial.lying)):  # fmt: skip
                assert accounts.get((label, account), 0) == ug, f"{account} of {label}"
        waiting = {
            number for number, one in cupboard.lines.items()
            if one.kind in {"waste", "return", "discrepancy"} and not one.signed
        }  # fmt: skip
        assert set(self.stage.unsigned()) == waiting

    @invariant()
    def no_completed_visit_was_ever_unsettled_when_it_completed(self) -> None:
        if self.model.status == "completed":
            SEEN["looked at a completed visit"] += 1
            assert self.model.row.times["discharged_at"] is not None

    @property
    def over(self) -> bool:
        return self.model.status in OVER

    def open_gate(self, name: str) -> None:
        raise NotImplementedError
