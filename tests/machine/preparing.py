"""Papers, companions, kits, homes, prices, overrides: whatever opens and closes a gate."""

from __future__ import annotations

from dispatch.domain.gates import CompanionAnswer, GateName
from dispatch.models import CompanionRequest, Consent, Order
from dispatch.services.companions import answer_as_companion, name_companion
from dispatch.services.consents import sign_consent, withdraw_consent
from dispatch.services.coverage import show_price
from dispatch.services.orders import confirm_order, sign_order, withdraw_order
from dispatch.services.overrides import override_gate, take_override_back
from dispatch.services.readiness import confirm_home, confirm_kit
from tests.builders import KETAMINE, TOMORROW, at
from tests.machine.acting import Acting
from tests.machine.course import PRICE
from tests.machine.model import BEFORE, HERS, HOME, KIT
from tests.machine.stage import LATER


class Preparing(Acting):
    """The acts of those who are not at the door."""

    def consent(self) -> None:
        got = self.stage.attempt(
            sign_consent, protocol_code=KETAMINE, text_version=1, name="Alice A.",
            by=self.stage.world.alice, now=self.now,
        )  # fmt: skip
        if self.expect(got, ""):
            self.model.consents.append([self.now, False])

    def withdraw_consent(self) -> None:
        if not self.model.consents:
            return
        paper = Consent.objects.filter(patient_id=self.stage.world.alice.person_id)
        last = paper.order_by("-id")[0]
        got = self.stage.attempt(withdraw_consent, last.id, by=self.stage.world.alice, now=self.now)
        code = "already_withdrawn" if self.model.consents[-1][1] else ""
        if self.expect(got, code):
            self.model.consents[-1][1] = True

    def order(self, dose: int, by: str) -> None:
        got = self.stage.attempt(
            sign_order, patient_id=self.stage.world.alice.person_id, protocol_code=KETAMINE,
            infusions=6, dose_ug_per_kg=dose, by=self.stage.people[by], now=self.now,
        )  # fmt: skip
        if self.expect(got, ""):
            self.model.order(dose, by, self.now)

    def confirm(self, by: str) -> None:
        if not self.model.orders:
            return
        last = Order.objects.order_by("-id")[0]
        got = self.stage.attempt(confirm_order, last.id, by=self.stage.people[by], now=self.now)
        self.expect(got, self.model.confirm(by))

    def withdraw_order(self) -> None:
        if not self.model.orders:
            return
        last, known = Order.objects.order_by("-id")[0], self.model.orders[-1]
        got = self.stage.attempt(withdraw_order, last.id, by=self.stage.world.dora, now=self.now)
        self.expect(got, "withdrawn" if known.withdrawn else "")
        known.withdrawn = True

    def name(self, who: str) -> None:
        stage, model = self.stage, self.model
        got = stage.attempt(
            name_companion, stage.visit_id, stage.companions[who], expected_version=None,
            by=stage.world.alice, now=self.now,
        )  # fmt: skip
        if self.expect(got, "wrong_status" if self.over else ""):
            model.name(who)

    def answer(self, who: str, *, yes: bool) -> None:
        """By the link that this person was last sent."""
        stage, model = self.stage, self.model
        sent = CompanionRequest.objects.filter(companion_id=stage.companions[who])
        asked = sent.order_by("-id").first()
        if asked is None:
            assert who not in model.answers
            return
        said = CompanionAnswer.CONFIRMED if yes else CompanionAnswer.DECLINED
        got = stage.attempt(answer_as_companion, asked.secret, said, now=self.now)
        code = "not_found" if model.asked != who else "wrong_status" if self.over else ""
        if self.expect(got, code):
            model.answers[who] = (said.value, model.moves)

    def pack(self, *, all_of_it: bool) -> None:
        stage, model = self.stage, self.model
        if model.held is None or model.status not in HERS or self.now >= at(18, day=self.day):
            return
        items = KIT if all_of_it else KIT - {"airway"}
        got = stage.attempt(
            confirm_kit, self.day, sorted(items), by=stage.people[model.held], now=self.now
        )
        if self.expect(got, ""):
            model.kits[model.held, model.moves] = items

    @property
    def day(self):
        return LATER if self.model.moves else TOMORROW

    def confirm_home(self, *, all_of_it: bool) -> None:
        stage, model = self.stage, self.model
        items = HOME if all_of_it else HOME - {"bed_or_recliner"}
        got = stage.attempt(
            confirm_home, stage.visit_id, sorted(items), by=stage.world.bob, now=self.now
        )
        if self.expect(got, "" if model.status in BEFORE else "wrong_status"):
            model.home = (model.moves, items)

    def show_price(self) -> None:
        stage, model = self.stage, self.model
        got = stage.attempt(show_price, stage.visit_id, PRICE, by=stage.world.alice, now=self.now)
        if self.expect(got, "" if model.status in BEFORE else "wrong_status"):
            model.price_shown = True

    def override(self, name: str) -> None:
        stage = self.stage
        got = stage.attempt(
            override_gate, stage.visit_id, GateName(name), reason="lent on the way",
            expected_version=None, by=stage.world.bob, now=self.now,
        )  # fmt: skip
        self.expect(got, self.model.override(name, self.now))

    def take_back(self, name: str) -> None:
        stage = self.stage
        got = stage.attempt(
            take_override_back, stage.visit_id, GateName(name),
            expected_version=None, by=stage.world.bob, now=self.now,
        )  # fmt: skip
        self.expect(got, self.model.take_back(name))

    def open_gate(self, name: str) -> None:
        """Whatever opens this gate, one act or two."""
        openers = {
            "clearance": lambda: self.screen("well"), "consent": self.consent,
            "order": self.see_to_order, "companion": self.see_to_companion,
            "credentials": lambda: self.license(self.model.held or "nina", valid=True),
            "custody": self.settle_other, "kit": lambda: self.pack(all_of_it=True),
            "home": lambda: self.confirm_home(all_of_it=True), "coverage": self.show_price,
        }  # fmt: skip
        openers[name]()

    def see_to_order(self) -> None:
        orders = self.model.orders
        self.confirm("eve" if orders and orders[-1].signed_by == "dora" else "dora")
        if "order" in self.model.closed(self.now):
            self.order(500, "dora")

    def see_to_companion(self) -> None:
        if self.model.named is None:
            self.name("carl")
        self.deliver()
        if self.model.asked is not None:
            self.answer(self.model.asked, yes=True)

    def license(self, nurse: str, *, valid: bool) -> None:
        """Hers runs out at midnight, or is renewed."""
        self.stage.license(nurse, valid=valid)
        self.model.licensed[nurse] = valid

    def settle_other(self) -> None:
        if "open" in self.other:
            self.stage.settle_it(self.other.pop("open"), self.now)
            self.model.unsettled.clear()
