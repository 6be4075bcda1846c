"""A small world in which every page has something to show, and what stands in each address.

A new page needs nothing here as long as the parts of its address stand in ``PARTS``: another part
is one line there. What shows itself only with certain ones, or with a query, is one in ``PATHS``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import product
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator

from dispatch import tasking
from dispatch.domain.channels import Channel
from dispatch.domain.people import Actor, Role
from dispatch.domain.series import Wish
from dispatch.domain.sharing import RecipientKind
from dispatch.domain.tasks import TaskKind
from dispatch.domain.visit import Action
from dispatch.models import CompanionRequest, Message, User, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.links import summary_secret, visit_secret
from dispatch.selectors.protocols import form_of
from dispatch.services.accounts import add_account, invite
from dispatch.services.assignment import assign_visit
from dispatch.services.plans import ask_for_plan
from dispatch.services.screening import record_screening
from dispatch.services.series import hold_series
from dispatch.services.sharing import agree_to_share
from tests import door
from tests.answers import CLEARED
from tests.api.town import WEEKLY, Town
from tests.builders import KETAMINE, NOW, TODAY, TOMORROW, at
from tests.passkeys import Passkey
from tests.readying import make_ready
from tests.web.signing_in import with_generator, with_password
from workers import planning, work

PART = re.compile(r"<(?:\w+:)?(\w+)>")
DRIP = "hydration_drip"
SETS_OUT = at(9, 40)
FOUR_DAYS_ON = TOMORROW + timedelta(days=4)


class Objects(Town):
    """Nina is on her way to Alice, who has booked another visit and a series, and holds more."""

    def __init__(self) -> None:
        super().__init__()
        assert self.weekly  # with shifts of its own
        for days in {*range(1, 22)} - {1, 8, 15}:
            self.world.shift(self.nina, TOMORROW + timedelta(days=days))
        self.amy = self.world.patient("amy")
        make_ready(self.world, self.assigned)
        self.later = self.world.book(self.home, self.alice, at(14, day=FOUR_DAYS_ON))
        assert self.booked
        assign_visit(self.later, now=NOW)
        work.deliver_events()
        assert self.dead_message
        self.set_clock(SETS_OUT)
        door.step(self.visit, Action.DEPART, self.nina, SETS_OUT)
        self.olga = self.world.nurse("olga")
        for day in (TOMORROW, FOUR_DAYS_ON):
            self.world.shift(self.olga, day)
        Visit.objects.filter(id=self.later).update(asked_nurse_id=self.nina.person_id)
        self.waiting_tasks()

    def waiting_tasks(self) -> None:
        for kind in (TaskKind.RED_FLAG, TaskKind.VISIT_SUSPENDED):
            tasking.open_task(
                kind, self.visit, market_id=self.market.id, patient_id=self.alice.person_id,
                reason="Call the patient now.", now=NOW,
            )  # fmt: skip

    def way(self, code: str = KETAMINE, how: str = "visit") -> str:
        return f"{self.home.id}/{self.world.protocol_row(code).id}/{how}"

    def held_of(self, code: str, hour: int) -> UUID:
        """Time two days on that Alice holds just now."""
        day, now = TOMORROW + timedelta(days=2), self.now()
        slots = self.world.slots(self.home, day, code=code, now=now)
        (slot,) = (one for one in slots if one.start == at(hour, day=day))
        return self.world.hold(slot, self.home, self.alice, code=code, now=now)

    @cached_property
    def held(self) -> UUID:
        return self.held_of(KETAMINE, 10)

    @cached_property
    def held_unsigned(self) -> UUID:
        """Of a treatment that Alice has not consented to."""
        return self.held_of(DRIP, 15)

    @cached_property
    def held_series(self) -> UUID:
        return hold_series(
            location_id=self.home.id, protocol_code=KETAMINE, wish=Wish(), by=self.alice,
            now=self.now(),
        )  # fmt: skip

    @cached_property
    def questions(self) -> list[int]:
        """The number of the first question of each type."""
        asked = form_of(self.world.protocol_row().id).questions
        return sorted({one.type: at for at, one in reversed([*enumerate(asked, 1)])}.values())

    def screened(self, **answers: Any) -> UUID:
        return record_screening(
            patient_id=None, protocol_code=KETAMINE, answers=CLEARED | answers, by=self.amy, now=NOW
        )

    @cached_property
    def screenings(self) -> list[UUID]:
        return [self.screened(benzodiazepines=True), self.screened(blood_pressure="unknown")]

    @cached_property
    def enrolled(self) -> str:
        """The username of somebody who signs in with a second factor."""
        user = with_password(self.olga.user_id)
        enrol(user.id)
        return user.username

    @cached_property
    def jobs(self) -> list[UUID]:
        """A plan that is ready, and one that nobody has begun."""
        ready = ask_for_plan(FOUR_DAYS_ON, 1, by=self.bob, now=self.now())
        planning.work_out_plans()
        return [ready, ask_for_plan(TOMORROW, 1, by=self.bob, now=self.now())]

    @cached_property
    def companions_secret(self) -> str:
        return CompanionRequest.objects.get(visit=self.visit, replaced_at__isnull=True).secret

    @cached_property
    def invited(self) -> str:
        """The secret of a link under which a dispatcher sets a password."""
        made = {"role": Role.DISPATCHER, "name": "Max New", "username": "max.new"}
        user_id = add_account(**made, by=self.anna, now=self.now())
        return invite(user_id, by=self.anna, at=database_now(), now=self.now())

    @cached_property
    def visits_secret(self) -> str:
        confirmation = Message.objects.filter(visit=self.visit, kind="confirmation")
        return visit_secret(confirmation.get().id)

    @cached_property
    def summary(self) -> str:
        """Of a visit in another market, where it is evening."""
        other = Town("Arlington")
        agree_to_share(
            recipient=RecipientKind.PRIMARY_PHYSICIAN, name="Dr. Green", channel=Channel.TEXT,
            contact="+12025550133", text_version=1, by=other.alice, now=NOW,
        )  # fmt: skip
        assert other.completed
        return summary_secret(Message.objects.get(market=other.market, kind="summary").id)


NOBODY = Actor(UUID(int=0), Role.PATIENT, UUID(int=0))
"""Who has not signed in."""


def enrol(user_id: UUID) -> None:
    """Give somebody a second factor of each kind."""
    user = User.objects.get(id=user_id)
    with_generator(user)
    asked = {"user": {"id": str(user_id)}, "challenge": str(user_id)}
    made = Passkey("http://127.0.0.1", "127.0.0.1").made({"creation_options": {"publicKey": asked}})
    data = {"name": "A key", "passwordless": False, "credential": json.loads(made)}
    Authenticator.objects.create(user=user, type="webauthn", data=data)


def _pk(_: Objects, by: Actor) -> list[int]:
    kept = Authenticator.objects.filter(user_id=by.user_id, type="webauthn")
    return [*kept.values_list("id", flat=True)]


def _visits(objects: Objects, _: Actor) -> list[UUID]:
    return [objects.visit, objects.later]


PARTS: dict[str, Callable[[Objects, Actor], list[Any]]] = {
    "visit_id": _visits,
    "location_id": lambda objects, _: [objects.home.id],
    "chosen": lambda objects, _: [objects.way()],
    "number": lambda objects, _: objects.questions,
    "held_id": lambda objects, _: [objects.held],
    "series_id": lambda objects, _: [objects.booked],
    "kind": lambda *_: ["plan", "repair", "absence", "undo"],
    "patient_id": lambda objects, _: [objects.alice.person_id],
    "screening_id": lambda objects, _: objects.screenings,
    "nurse_id": lambda objects, _: [objects.nina.person_id],
    "pk": _pk,
    "key": lambda objects, _: [objects.visit],
    "message_id": lambda objects, _: [objects.dead_message],
    "user_id": lambda objects, by: [objects.dora.user_id, by.user_id],
}
"""By the name of a part of an address: whatever may stand there; each of it is opened."""

HOWS = ("visit", "series")
BOOKING = "book/new/<way:chosen>/"
PATHS: Mapping[str, Callable[[Objects], list[str]]] = {
    f"{BOOKING}times": lambda o: [f"book/new/{o.way(how=one)}/times" for one in HOWS],
    f"{BOOKING}questions/<int:number>/help": lambda o: [f"book/new/{o.way()}/questions/2/help"],
    f"{BOOKING}held/<uuid:held_id>": lambda o: [
        f"book/new/{o.way(how='series')}/held/{o.held_series}"
    ],
    f"{BOOKING}held/<uuid:held_id>/consent": lambda o: [
        f"book/new/{o.way(DRIP)}/held/{o.held_unsigned}/consent"
    ],
    f"{BOOKING}done/<uuid:booked_id>": lambda o: [
        f"book/new/{o.way()}/done/{o.later}", f"book/new/{o.way(WEEKLY, 'series')}/done/{o.booked}"
    ],
    "route/": lambda _: ["route/", f"route/?date={TOMORROW + timedelta(days=1)}"],
    "board/visits/<uuid:visit_id>/agreement": lambda o: [
        f"board/visits/{o.later}/agreement?nurse={o.olga.person_id}"
    ],
    "board/jobs/<str:cause>/<uuid:job_id>": lambda o: [f"board/jobs/plan/{one}" for one in o.jobs],
    "companion/<str:secret>": lambda o: [f"companion/{o.companions_secret}", "companion/unknown"],
    "invitation/<str:secret>": lambda o: [f"invitation/{o.invited}", "invitation/unknown"],
    "messages/": lambda _: ["messages/", f"messages/?date={TODAY}"],
    "m/<str:secret>": lambda o: [f"m/{o.visits_secret}", "m/unknown"],
    "summaries/<str:secret>": lambda o: [f"summaries/{o.summary}", "summaries/unknown"],
    "map/places.json": lambda _: ["map/places.json?south=38.5&west=-77.5&north=39&east=-77"],
    "map/area.json": lambda _: ["map/area.json?begins=200"],
}  # fmt: skip
"""Where not everything that may stand in an address shows the page."""


def paths_of(address: str, objects: Objects, by: Actor) -> list[str]:
    """Return where the page is opened. Raises KeyError for a part that nothing stands for."""
    if address in PATHS:
        return PATHS[address](objects)
    names = PART.findall(address)
    found = [PARTS[name](objects, by) for name in names]
    return [_filled(address, [*map(str, some)]) for some in product(*found)]


def _filled(address: str, values: list[str]) -> str:
    return PART.sub(lambda _: values.pop(0), address)
