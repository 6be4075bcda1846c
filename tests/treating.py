"""A patient's treatment from the first question to the last infusion, told with a few verbs.

Everything goes through the services as the app would go, and the workers follow: nothing is put
into the database by hand but people, places and shifts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any

import pytest

from dispatch.domain.clock import service_date, to_instant
from dispatch.domain.errors import Conflict
from dispatch.domain.infusions import Improvement
from dispatch.domain.people import Actor
from dispatch.domain.series import Wish
from dispatch.domain.visit import Action
from dispatch.domain.visit_record import VisitRecord
from dispatch.models import Companion, Location, Market, Screening, Task, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.dashboard import Dashboard, dashboard_of_patient
from dispatch.selectors.gates import visit_questions_seen_by
from dispatch.selectors.records import record_seen_by
from dispatch.services.booking import book_hold, book_series
from dispatch.services.consents import sign_consent
from dispatch.services.fieldwork import record_events
from dispatch.services.orders import sign_order
from dispatch.services.readiness import confirm_home
from dispatch.services.responses import Finding, record_response
from dispatch.services.screening import keep_answers, record_screening
from dispatch.services.series import hold_series
from tests.answers import CLEARED
from tests.builders import NOW, TODAY, WASHINGTON, ZONE, World, at
from tests.door import step
from tests.readying import confirm_companion, pack
from tests.telling import HERE, WELL, told
from workers import work

MINUTE = timedelta(minutes=1)
INFUSION = 40 * MINUTE


def day(number: int) -> date:
    """So many days from the day on which the stories begin."""
    return TODAY + timedelta(days=number)


def refused(act: Callable[..., object], *args: Any, **more: Any) -> Conflict:
    with pytest.raises(Conflict) as found:
        act(*args, **more)
    return found.value


def missing(conflict: Conflict) -> list[str]:
    """What the next phase waits for."""
    assert conflict.code == "phase_not_open"
    return [one["code"] for one in conflict.facts["missing"]]


@dataclass
class Treatment:
    """Alice's under one protocol, with Nina as her nurse and Dora as the prescriber."""

    world: World
    code: str
    state: str = "DC"
    now: datetime = NOW
    said: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.alice: Actor = self.world.alice
        self.nina: Actor = self.world.nurse("nina")
        self.home: Location = self.world.home(self.alice, WASHINGTON, state=self.state)
        self.carl: Companion = self.world.companion(self.alice)
        assert self.world.dora

    @property
    def price_cents(self) -> int:
        return self.world.protocol(self.code).price_cents

    # -- papers

    def answers(self, **changes: Any) -> Screening:
        """She answers all questions, as one who may be treated but for these."""
        self.said = CLEARED | changes
        screening_id = record_screening(
            patient_id=None, protocol_code=self.code, answers=self.said, by=self.alice, now=self.now
        )
        return Screening.objects.get(id=screening_id)

    def consents(self) -> None:
        sign_consent(
            protocol_code=self.code, by=self.alice, name="Alice A.", now=self.now,
            text_version=self.world.protocol(self.code).consent.version,
        )  # fmt: skip

    def is_ordered(self, infusions: int) -> None:
        sign_order(
            patient_id=self.alice.person_id, protocol_code=self.code, infusions=infusions,
            dose_ug_per_kg=500, by=self.world.dora, now=self.now,
        )  # fmt: skip

    # -- booking

    def nurse_works(self, *days: int) -> None:
        for number in days:
            self.world.shift(self.nina, day(number))

    def books_series(self, *, phase: str | None = None, **wish: Any) -> list[Visit]:
        """Hold all infusions of a phase, see the price, book them; workers find the nurse."""
        series_id = hold_series(
            location_id=self.home.id, protocol_code=self.code, phase=phase, wish=Wish(**wish),
            by=self.alice, now=self.now,
        )  # fmt: skip
        book_series(
            series_id, companion_id=self.carl.id, price_cents=self.price_cents, by=self.alice,
            now=self.now,
        )  # fmt: skip
        self.moves_on_to(self.now)
        return list(Visit.objects.filter(series_id=series_id).order_by("series_number"))

    def books(self, on: int, by: Actor | None = None) -> Visit:
        """Hold one slot of that day at about ten, and book it."""
        by = by or self.alice
        slots = self.world.slots(self.home, day(on), code=self.code, now=self.now)
        slot = min(slots, key=lambda one: abs(one.start - at(10, day=day(on))))
        hold = self.world.hold(slot, self.home, by, code=self.code, now=self.now)
        visit_id = book_hold(
            hold, companion_id=self.carl.id, price_cents=self.price_cents, key=None, by=by,
            now=self.now,
        )  # fmt: skip
        self.moves_on_to(self.now)
        return Visit.objects.get(id=visit_id)

    # -- the visit

    def moves_on_to(self, now: datetime) -> None:
        """The market's clock stands there, and the workers do what is due."""
        self.now = now
        Market.objects.filter(id=self.world.market.id).update(clock_offset=now - database_now())
        work.do_all()

    def is_evening_of(self, number: int) -> None:
        self.moves_on_to(to_instant(day(number), time(20), ZONE))

    def gets_ready(self, visit: Visit) -> None:
        """Early on the day: the questions of this visit, the companion, the place and the kit."""
        visit.refresh_from_db()
        self.moves_on_to(visit.window_start - timedelta(hours=3))
        asked = visit_questions_seen_by(self.alice, visit.id, now=self.now).questions
        keep_answers(
            patient_id=None, protocol_code=self.code, by=self.alice, now=self.now,
            answers={one.id: self.said.get(one.id) for one in asked},
        )  # fmt: skip
        confirm_companion(self.world, visit.id, now=self.now)
        places = [item.code for item in self.world.protocol(self.code).readiness]
        confirm_home(visit.id, places, by=self.alice, now=self.now)
        visit.refresh_from_db()
        pack(visit.reservation, now=self.now)

    def begins(self, visit: Visit) -> None:
        """The nurse sets out, arrives, looks at everything, checks the drug out and begins."""
        self.gets_ready(visit)
        arrives = visit.reservation.start_at
        self.does(visit, Action.DEPART, arrives - 20 * MINUTE)
        self.does(visit, Action.ARRIVE, arrives, **HERE)
        self.does(visit, Action.START_INFUSION, arrives + 20 * MINUTE)
        self.tells(visit, *self.vitals(every=10 * MINUTE, until=self.now + INFUSION))

    def ends(self, visit: Visit, recovery: timedelta = 60 * MINUTE) -> VisitRecord:
        """The infusion ends after 40 minutes; who has recovered is left, the drug counted."""
        visit.refresh_from_db()
        left = visit.infusion_started_at + INFUSION + recovery
        self.does(visit, Action.END_INFUSION, visit.infusion_started_at + INFUSION)
        self.tells(visit, *self.vitals(every=15 * MINUTE, until=left))
        self.does(visit, Action.DISCHARGE, left)
        self.does(visit, Action.COMPLETE, left + 10 * MINUTE)
        self.moves_on_to(self.now)
        return record_seen_by(self.world.dora, visit.id)

    def is_treated(self, *visits: Visit) -> None:
        """Each in turn, from the door to the door; nothing in its record speaks against it."""
        for visit in visits:
            self.begins(visit)
            record = self.ends(visit)
            found = (record.status, record.flags, record.missed_vitals)
            assert found == ("completed", (), ()), found

    def has_had(self, *days: int) -> None:
        """The same for whom it is enough that the infusions lie behind her."""
        for number in days:
            visit = self.books(number)
            end = visit.window_start + timedelta(hours=2)
            self.world.carry_out(visit.id, visit.window_start, end)
            self.moves_on_to(end)

    def does(self, visit: Visit, action: Action, now: datetime, **data: Any) -> None:
        self.now = now
        step(visit.id, action, self.nina, now, **data)

    def tells(self, visit: Visit, *events: dict[str, Any]) -> None:
        self.now = datetime.fromisoformat(events[-1]["device_time"])
        record_events(visit.id, list(events), by=self.nina, now=self.now)

    def vitals(self, *, every: timedelta, until: datetime) -> list[dict[str, Any]]:
        """All of them, well, every so often from now on."""
        times = (self.now + number * every for number in range(1, 99))
        return [told("vitals", one, **WELL) for one in takewhile(lambda one: one <= until, times)]

    # -- what came of it

    def responds(self, improvement: Improvement, phase: str | None = None) -> None:
        """Dora looks at her and records it, which the task asked her for."""
        record_response(
            patient_id=self.alice.person_id, protocol_code=self.code, phase_code=phase,
            finding=Finding(improvement), by=self.world.dora, now=self.now,
        )  # fmt: skip

    @property
    def dashboard(self) -> Dashboard:
        return dashboard_of_patient(self.alice, self.alice.person_id, self.code, now=self.now)

    def given(self) -> dict[str, int]:
        return {phase.code: phase.done for phase in self.dashboard.phases}

    def open_tasks(self) -> set[str]:
        return set(Task.objects.filter(done_at=None).values_list("kind", flat=True))


def days_of(visits: list[Visit]) -> list[int]:
    return [(service_date(one.window_start, ZONE) - TODAY).days for one in visits]
