"""What the town knows of treatment: papers, vials, gates, what was given and what came of it."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from uuid import UUID

from dispatch.domain.channels import Channel
from dispatch.domain.consults import ConsultKind
from dispatch.domain.gates import GateName
from dispatch.domain.people import Scope
from dispatch.domain.sharing import RecipientKind
from dispatch.models import ContactConsent, Message, Verification, Visit
from dispatch.services.break_glass import break_glass
from dispatch.services.calendars import ask_for_calendar
from dispatch.services.consents import sign_consent
from dispatch.services.consults import ask_consult
from dispatch.services.custody import explain
from dispatch.services.orders import sign_order
from dispatch.services.overrides import override_gate
from dispatch.services.screening import record_screening
from dispatch.services.service_accounts import make_service_account
from dispatch.services.sharing import agree_to_share
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, TOMORROW, at
from tests.door import carried_out
from tests.readying import make_ready
from workers import work

EMERGENCY = "Found unconscious at the door"


class Clinic:
    """Things that are there as soon as somebody asks for them; mixed into ``Town``."""

    @cached_property
    def given(self) -> UUID:
        """The first infusion of three has been given."""
        first = Visit.objects.filter(series_id=self.booked).order_by("series_number")[0]
        carried_out(first, NOW)
        Visit.objects.filter(id=first.id).update(infusion_started_at=NOW)
        return self.booked

    @cached_property
    def for_review(self) -> UUID:
        """A screening that a prescriber has to look at."""
        return record_screening(
            patient_id=None, protocol_code=KETAMINE, by=self.alice, now=NOW,
            answers=CLEARED | {"blood_pressure": "unknown"},
        )  # fmt: skip

    @cached_property
    def for_agreement(self) -> UUID:
        """One for which the last dose of a medication has to be agreed first."""
        return record_screening(
            patient_id=None, protocol_code=KETAMINE, by=self.alice, now=NOW,
            answers=CLEARED | {"benzodiazepines": True},
        )  # fmt: skip

    @cached_property
    def dead_message(self) -> UUID:
        """Alice's confirmation, which reached nobody."""
        assert self.assigned
        work.deliver_events()
        dead = Message.objects.filter(visit_id=self.visit, kind="confirmation")
        dead.update(state="dead", state_because="no_way", step=2, attempts=4)
        return dead.get().id

    @cached_property
    def vial(self) -> UUID:
        return self.world.vial()

    @cached_property
    def unsigned(self) -> UUID:
        """What the administrator found missing from the vial; Dora may sign it."""
        found = {"visit_id": None, "ug": 1, "reason": "leaks"}
        return explain(self.vial, **found, by=self.anna, now=NOW)

    @cached_property
    def ready(self) -> UUID:
        """The same visit with every gate open."""
        make_ready(self.world, self.assigned)
        return self.visit

    @cached_property
    def overridden(self) -> UUID:
        """The same visit, which may go on without the kit."""
        override_gate(
            self.assigned,
            GateName.KIT,
            reason="rented",
            expected_version=None,
            by=self.bob,
            now=NOW,
        )
        return self.visit

    @cached_property
    def consent(self) -> UUID:
        """Alice's signature."""
        return sign_consent(
            protocol_code=KETAMINE, text_version=1, name="Alice A.", by=self.alice, now=NOW
        )

    @cached_property
    def changed_order(self) -> UUID:
        """Dora orders another dose than before: it waits for a second person."""
        _, second = (
            sign_order(
                patient_id=self.alice.person_id, protocol_code=KETAMINE, infusions=6,
                dose_ug_per_kg=dose, by=self.dora, now=NOW,
            )
            for dose in (500, 600)
        )  # fmt: skip
        return second

    @cached_property
    def completed(self) -> UUID:
        """Tomorrow's visit, two hours long, and it is tomorrow evening."""
        self.set_clock(at(18))
        self.world.carry_out(self.assigned, at(10), at(12))
        work.deliver_events()
        return self.visit

    @cached_property
    def verification(self) -> UUID:
        return Verification.objects.values_list("id", flat=True).get(visit_id=self.completed)

    @cached_property
    def consult(self) -> UUID:
        """Alice and Dora, in two days."""
        return ask_consult(
            patient_id=None, kind=ConsultKind.BEFORE_FIRST, protocol_code=KETAMINE,
            starts_at=at(9, day=TOMORROW + timedelta(days=1)), clinician_id=None,
            by=self.alice, now=NOW,
        )  # fmt: skip

    @cached_property
    def agreed(self) -> UUID:
        """Alice's consent to be sent texts."""
        given = ContactConsent.objects.filter(person_id=self.alice.person_id)
        return given.values_list("id", flat=True).get()

    @cached_property
    def sharing(self) -> UUID:
        """Alice shares with her physician."""
        return agree_to_share(
            recipient=RecipientKind.PRIMARY_PHYSICIAN, name="Dr. Green", channel=Channel.TEXT,
            contact="+12025550133", text_version=1, by=self.alice, now=NOW,
        )  # fmt: skip

    @cached_property
    def broken(self) -> UUID:
        """Bob broke glass to see Alice's record, just now."""
        return break_glass(self.alice.person_id, reason=EMERGENCY, by=self.bob, now=self.now())

    @cached_property
    def calendar(self) -> str:
        """The secret of Nina's calendar."""
        return ask_for_calendar(by=self.nina, now=NOW)

    @cached_property
    def program(self) -> UUID:
        """A service account that may look at the board."""
        return make_service_account(
            "Wall screen", [Scope.BOARD_READ], expires_at=at(12), by=self.anna, now=NOW
        )[0]
