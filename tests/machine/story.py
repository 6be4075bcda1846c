"""How a good day goes on from wherever the visit is, so that examples come to an end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from dispatch.services.custody import witness
from tests.machine.course import STEPS
from tests.machine.draws import MUST, RIGHT
from tests.machine.model import DISCHARGE, NEXT, OVER
from tests.machine.preparing import Preparing
from tests.telling import HERE


class Story(Preparing):
    """The next thing that ought to happen, and events to tell."""

    numbers = 0

    def event(self, kind: str, ago: int, data: dict[str, Any]) -> dict[str, Any]:
        when = self.now - timedelta(minutes=ago)
        self.numbers += 1
        number = uuid5(NAMESPACE_OID, str(self.numbers))
        return {"id": number, "type": kind, "at": when, "data": dict(data)}

    def next_thing(self) -> None:
        model = self.model
        if model.status == "requested":
            self.assign()
        elif model.status in {"assigned", "arrived"} and model.closed(self.now):
            self.open_gate(min(model.closed(self.now)))
        elif model.status == "suspended":
            self.screen("well")
            self.deliver()
        elif model.status == "assigned":
            self.now = max(self.now, model.window - timedelta(minutes=40))
            self.step("depart", model.held, {})
        elif model.status == "arrived":
            self.begin_infusion()
        elif model.status == "recovering":
            self.finish()
        elif model.status not in OVER:
            self.wait(15)
            step = next(one for one in STEPS if model.status in NEXT[one])
            self.step(step, model.held, HERE if step == "arrive" else {})

    def begin_infusion(self) -> None:
        nurse = self.model.held
        missing = [self.event(kind, 0, RIGHT[kind]) for kind in MUST]
        vial = self.model.cupboard.vials["V1"]
        self.phone(missing[: 6 if vial.stock else 5], nurse)
        if self.model.status == "arrived":
            self.step("start-infusion", nurse, {"dose_ug": 35_000})

    def finish(self) -> None:
        nurse, model = self.model.held, self.model
        left = {one: ug for one, ug in model.cupboard.balance().items() if ug}
        if model.row.times["discharged_at"] is None:
            self.wait(40)
            self.step("discharge", nurse, {"criteria": sorted(DISCHARGE)})
        elif left:
            vial, ug = left.popitem()
            kind = "waste" if ug > 0 else "discrepancy"
            self.phone(
                [
                    self.event(
                        kind,
                        0,
                        {"vial": vial, "ug": ug, "reason": "Lost."}
                        if kind == "discrepancy"
                        else {"vial": vial, "ug": ug},
                    )
                ],
                nurse,
            )
        elif not model.cupboard.settled():
            self.sign_all()
        else:
            self.step("complete", nurse, {})

    def sign_all(self) -> None:
        for number, line in list(self.model.cupboard.lines.items()):
            if line.kind in {"waste", "return", "discrepancy"} and not line.signed:
                self.sign(number, "dora")

    def sign(self, number: UUID, who: str) -> None:
        stage, cupboard = self.stage, self.model.cupboard
        ((entry,),) = stage.sql(
            "SELECT id FROM custody_entry WHERE event_id = %s OR id = %s", number, number
        )
        got = stage.attempt(witness, entry, by=stage.people[who], now=self.now)
        if self.expect(got, cupboard.may_sign(number, who)) and cupboard.sign(number, who):
            self.model.pending.add("settled")
