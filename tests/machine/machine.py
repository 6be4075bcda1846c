"""The machine: what may be done about one visit at any moment, in any order, by anybody."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.models import CustodyEntry
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.custody import explain
from dispatch.services.fieldwork import record_events
from tests.machine.acting import SAID, SEEN
from tests.machine.cheats import EVERY
from tests.machine.draws import KINDS, MINUTES, NURSES, TOLD_OF
from tests.machine.model import HARD, NEXT, OVER, SOFT, WAYS
from tests.machine.stage import LATER
from tests.machine.story import Story
from tests.telling import HERE, told


class VisitMachine(Story):
    """Every rule is one act; what it leads to is compared at once, all the rest after each step."""

    # The story goes on

    @rule(done=st.integers(1, 3))
    def go_on(self, done: int) -> None:
        """What a good day brings next; often enough that examples come to an end."""
        for _ in range(done):
            self.next_thing()

    @rule()
    def go_on_by_one(self) -> None:
        self.next_thing()

    # Papers and gates

    @rule(said=st.sampled_from(sorted(SAID)))
    def patient_answers(self, said: str) -> None:
        self.screen(said)

    @rule(what=st.sampled_from(["sign", "withdraw"]))
    def patient_and_consent(self, what: str) -> None:
        self.consent() if what == "sign" else self.withdraw_consent()

    @rule(dose=st.sampled_from([400, 500, 500]), by=st.sampled_from(["dora", "eve"]))
    def prescriber_orders(self, dose: int, by: str) -> None:
        self.order(dose, by)

    @rule(by=st.sampled_from(["dora", "eve", "nora"]))
    def somebody_confirms(self, by: str) -> None:
        if by != "nora" or self.model.sees("nora"):
            self.confirm(by)

    @rule()
    def prescriber_withdraws(self) -> None:
        self.withdraw_order()

    @rule(who=st.sampled_from(["carl", "dan"]))
    def patient_names(self, who: str) -> None:
        self.name(who)

    @rule(who=st.sampled_from(["carl", "dan"]), yes=st.booleans())
    def companion_answers(self, who: str, yes: bool) -> None:
        self.answer(who, yes=yes)

    @rule(all_of_it=st.booleans())
    def nurse_packs(self, all_of_it: bool) -> None:
        self.pack(all_of_it=all_of_it)

    @rule(all_of_it=st.booleans())
    def home_is_looked_at(self, all_of_it: bool) -> None:
        self.confirm_home(all_of_it=all_of_it)

    @rule()
    def price_is_shown(self) -> None:
        self.show_price()

    @rule(name=st.sampled_from([*sorted(HARD), *sorted(SOFT), *sorted(SOFT)]))
    def dispatcher_overrides(self, name: str) -> None:
        self.override(name)

    @rule(name=st.sampled_from(sorted(SOFT)))
    def dispatcher_takes_back(self, name: str) -> None:
        self.take_back(name)

    @rule(nurse=NURSES, valid=st.booleans())
    def licence_changes(self, nurse: str, valid: bool) -> None:
        self.license(nurse, valid=valid)

    # Changes

    @rule()
    def worker_assigns(self) -> None:
        self.assign()

    @rule(nurse=NURSES)
    def dispatcher_assigns(self, nurse: str) -> None:
        self.assign_to(nurse)

    @rule(sure=st.integers(0, 3))
    def patient_cancels(self, sure: int) -> None:
        if sure:
            return
        stage = self.stage
        before = self.model.cancel(self.now)
        got = stage.attempt(
            cancel_visit, stage.visit_id, reason="away", expected_version=None,
            by=stage.world.alice, now=self.now,
        )  # fmt: skip
        self.expect(got, before)

    @precondition(lambda self: self.model.moves == 0 and self.model.status not in OVER)
    @rule(sure=st.booleans())
    def patient_moves_it(self, sure: bool) -> None:
        stage, model = self.stage, self.model
        slots = stage.world.slots(stage.home, LATER, now=self.now) if sure else ()
        if not slots:
            return
        slot = slots[len(slots) // 2]
        got, facts = stage.attempt(
            stage.world.hold, slot, stage.home, stage.world.alice, now=self.now
        )
        judged_ill = model.cleared_since is None and model.judged in {"refused", "review"}
        stays = model.status not in {"requested", "assigned", "suspended"}
        code = "not_cleared" if judged_ill else "gap_not_kept" if stays else ""
        if not self.expect((got, facts), code):
            return
        ((hold,),) = stage.sql("SELECT id FROM hold WHERE patient_id = %s ORDER BY id DESC LIMIT 1",
                               stage.world.alice.person_id)  # fmt: skip
        got = stage.attempt(
            reschedule_visit, stage.visit_id, hold, expected_version=None,
            by=stage.world.alice, now=self.now,
        )  # fmt: skip
        may = model.status in {"requested", "assigned"}
        if self.expect(got, "" if may else "wrong_status"):
            model.moved(slot.start, stage.held())

    @rule()
    def workers_come_to_it(self) -> None:
        self.deliver()

    @rule(minutes=st.sampled_from([1, 5, 10, 30, 60]))
    def time_passes(self, minutes: int) -> None:
        self.wait(minutes)

    # At the door

    @rule(action=st.sampled_from(sorted(NEXT)), by=NURSES, right=st.booleans(), data=st.data())
    def nurse_steps(self, action: str, by: str, right: bool, data: st.DataObject) -> None:
        carried = data.draw(TOLD_OF[action]) if action in TOLD_OF else {}
        nurse = self.model.held if right and self.model.held else by
        self.step(action, nurse, carried)

    @rule(by=NURSES, right=st.booleans(), data=st.data())
    def phone_tells(self, by: str, right: bool, data: st.DataObject) -> None:
        """A batch that lay there a while: in any order, some of it twice or told before."""
        kinds = data.draw(st.lists(KINDS, min_size=1, max_size=5))
        nurse = self.model.held if right and self.model.held else by
        batch = [
            self.event(kind, data.draw(MINUTES), data.draw(TOLD_OF.get(kind, st.just({}))))
            for kind in kinds
        ]
        before = [
            {name: one[name] for name in ("id", "type", "at", "data")} for one in self.model.events
        ]
        if before and data.draw(st.booleans()):
            batch.append(data.draw(st.sampled_from(before)))
        if data.draw(st.booleans()):
            batch.append(data.draw(st.sampled_from(batch)))
        self.phone(data.draw(st.permutations(batch)), nurse)

    @rule(action=st.sampled_from(["checkout", "give", "waste", "return", "discrepancy"]),
          by=NURSES, right=st.booleans(), late=MINUTES, data=st.data())  # fmt: skip
    def nurse_and_vial(self, action: str, by: str, right: bool, late: int,
                       data: st.DataObject) -> None:  # fmt: skip
        nurse = self.model.held if right and self.model.held else by
        self.phone([self.event(action, late, data.draw(TOLD_OF[action]))], nurse)

    @rule(label=st.sampled_from(["V1", "V2"]), ug=st.sampled_from([15_000, -15_000]))
    def dispatcher_explains(self, label: str, ug: int) -> None:
        stage, cupboard = self.stage, self.model.cupboard
        ((vial,),) = stage.sql("SELECT id FROM vial WHERE number = %s", label)
        been = [one for one in cupboard.lines.values() if one.vial == label]
        got = stage.attempt(
            explain, vial, visit_id=stage.visit_id, ug=ug, reason="Spilled.",
            by=stage.world.bob, now=self.now,
        )  # fmt: skip
        if self.expect(got, "" if been else "invalid"):
            number = CustodyEntry.objects.filter(visit_id=stage.visit_id).order_by("-id")[0].id
            data = {"vial": label, "ug": ug}
            cupboard.move(number, "discrepancy", data, "bob", been[-1].had)

    @rule(who=st.sampled_from(["nina", "nora", "dora", "eve"]), data=st.data())
    def somebody_signs(self, who: str, data: st.DataObject) -> None:
        if numbers := sorted(self.model.cupboard.lines):
            self.sign(data.draw(st.sampled_from(numbers)), who)

    # Neighbours

    @precondition(lambda self: "open" in self.other)
    @rule()
    def neighbour_is_settled(self) -> None:
        self.settle_other()

    @precondition(lambda self: "elsewhere" in self.other)
    @rule()
    def nurse_is_elsewhere(self) -> None:
        """She sets out for another patient, and the next time breaks off there."""
        kinds = ["arrive", "abort"] if self.model.elsewhere else ["depart"]
        data = {"arrive": HERE, "abort": {"reason": "patient_stopped"}}
        events = [told(kind, self.now, **data.get(kind, {})) for kind in kinds]
        record_events(self.other["elsewhere"], events, by=self.stage.people["nina"], now=self.now)
        if self.model.elsewhere:
            del self.other["elsewhere"]
            self.model.elsewhere.clear()
        else:
            self.model.elsewhere.add("nina")

    # Cheats

    @rule(name=st.sampled_from(sorted(EVERY)))
    def cheat_by_hand(self, name: str) -> None:
        self.cheat(name, EVERY[name])

    @rule(to=st.sampled_from(sorted(WAYS)))
    def jump(self, to: str) -> None:
        """Set the status by hand, to whatever the model says cannot be."""
        model = self.model
        kinds = {one["type"] for one in model.events if one["turn"] is not None}
        needs = {
            "en_route": {"depart"}, "arrived": {"arrive"}, "in_treatment": {"start-infusion"},
            "recovering": {"end-infusion"}, "completed": {"complete"}, "no_show": {"no-show"},
            "aborted": {"abort", "no-show"},
        }  # fmt: skip
        untold = to in needs and not needs[to] & kinds
        unsettled = to == "completed" and not (model.cupboard.settled() and "discharge" in kinds)
        if to == model.status or (to in WAYS[model.status] and not untold and not unsettled):
            return
        self.cheat(
            f"{model.status} to {to}",
            "UPDATE visit SET status = %(to)s, reservation_id = CASE WHEN %(to)s IN"
            " ('cancelled', 'no_show', 'aborted', 'suspended') THEN NULL ELSE reservation_id END"
            " WHERE id = %(visit)s",
            to=to,
        )
        SEEN["jumps refused"] += 1
