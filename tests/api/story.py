"""The booking story over HTTP, step by step, for the tests that tell it or listen to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client as Browser

from dispatch.domain.people import Actor
from dispatch.domain.visit import Action
from dispatch.models import User
from tests.answers import CLEARED
from tests.api.town import NEXT_DAY, Client, Town
from tests.builders import KETAMINE, PASSWORD, STREET, named
from tests.canaries import MARK
from tests.telling import CONTENT_UG, VIAL, accounted_for, before_infusion, step_data
from workers import work


@dataclass
class Story:
    """Every answer is checked and returned. ``passwords``: everybody signs in with one."""

    town: Town
    name: str = named("Carl")
    phone: str = "+12025550101"
    address: str = STREET
    notes: str = f"Ring twice, {MARK}."
    answers: dict[str, Any] = field(default_factory=lambda: CLEARED)
    reason: str = ""
    passwords: bool = False
    visit: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, actor: Actor) -> Client:
        if not self.passwords:
            return self.town.as_(actor)
        user = User.objects.get(id=actor.user_id)
        user.set_password(PASSWORD)
        user.save()
        body = {"username": user.username, "password": PASSWORD}
        client = Client()
        access = told(client.post_("auth/token", body))["access"]
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        return client

    def prepare(self) -> None:
        """Everybody signs in; Alice is screened and signs; Dora orders."""
        town = self.town
        self.alice, self.bob, self.nina, self.dora, self.anna = (
            self.sign_in(one) for one in (town.alice, town.bob, town.nina, town.dora, town.anna)
        )
        me = told(self.alice.get_("me"))
        offered = told(self.alice.get_("protocols"))["results"]
        (protocol,) = (one for one in offered if one["code"] == KETAMINE)
        body = {"protocol": KETAMINE, "answers": self.answers}
        screened = told(self.alice.post_("screenings", body), 201)
        assert told(self.alice.get_(f"screenings/{screened['id']}"))["outcome"] == "cleared"
        self.price, self.ready = protocol["price_cents"], protocol["readiness"]
        signed = {"protocol": KETAMINE, "text_version": protocol["consent_version"],
                  "name": self.name}  # fmt: skip
        told(self.alice.post_("consents", signed), 201)
        ordered = {"patient": me["patient"], "protocol": KETAMINE, "infusions": 6,
                   "dose_ug_per_kg": 500}  # fmt: skip
        told(self.dora.post_("orders", ordered), 201)

    def book(self) -> dict[str, Any]:
        """Alice names her home and Carl, and books the first slot of tomorrow."""
        home = {"kind": "residence", "address": self.address, "zip_code": "20001",
                "access_notes": self.notes}  # fmt: skip
        self.home = told(self.alice.post_("locations", home), 201)
        companion = {"name": self.name, "phone": self.phone}
        self.carl = told(self.alice.post_("companions", companion), 201)
        hold = self.hold()
        body = {"hold": hold["id"], "companion": self.carl["id"], "price_cents": self.price}
        self.visit = told(self.alice.post_("visits", body, Idempotency_Key="book"), 201)
        return self.visit

    def hold(self, which: int = 0) -> dict[str, Any]:
        query = {"protocol": KETAMINE, "location": self.home["id"], **NEXT_DAY}
        slots = told(self.alice.get_("slots", **query))["results"]
        return told(self.alice.post_("holds", {"slot": slots[which]["id"]}), 201)

    def work(self, until: str | None = None) -> None:
        """Let the workers do what is due, once the market's clock shows ``until``."""
        if until is not None:
            self.advance_to(until)
        work.do_all()

    def advance_to(self, moment: str) -> None:
        now = datetime.fromisoformat(told(self.anna.get_("me"))["market"]["now"])
        wait = 1 + int((datetime.fromisoformat(moment) - now).total_seconds())
        path = f"markets/{self.town.market.id}/clock"
        told(self.anna.post_(path, {"advance_s": wait}))

    def seen(self, by: Client | None = None) -> dict[str, Any]:
        return told((by or self.alice).get_(f"visits/{self.visit['id']}"))

    def messages(self) -> list[dict[str, Any]]:
        return told(self.bob.get_("messages", visit=self.visit["id"]))["results"]

    def link(self) -> str:
        """The path of the link in the companion's newest message."""
        bodies = [one["body"] for sent in self.messages() for one in sent["tries"]]
        return next(m[1] for body in bodies if (m := re.search(r"(/companion/\S+)", body)))

    def confirm(self) -> None:
        assert Browser().post(self.link(), {"answer": "confirmed"}).status_code == 200

    def make_ready(self) -> None:
        """Alice says that her home is ready, Nina that she has her kit."""
        items = {"items": [one["code"] for one in self.ready]}
        told(self.alice.post_(f"visits/{self.visit['id']}/readiness", items), 201)
        day = self.visit["service_date"]
        route = told(self.nina.get_("nurses/me/route", date=day))
        kit = {"date": day, "items": [one["code"] for one in route["kit"]]}
        told(self.nina.post_("nurses/me/kit", kit), 201)

    def step(self, action: str) -> dict[str, Any]:
        """Do one step, with what has to come before it; the patient has rested at discharge."""
        address = f"visits/{self.visit['id']}"
        protocol, now = self.town.world.protocol(), self.town.now()
        if action == Action.START_INFUSION:
            vial = {"drug": "ketamine", "lot": "L7", "content_ug": CONTENT_UG,
                    "expires_on": "2028-06-30", "numbers": [VIAL]}  # fmt: skip
            told(self.anna.post_("vials", vial), 201)
            told(self.nina.post_(f"{address}/events", before_infusion(protocol, now)))
        if action == Action.DISCHARGE:
            self.advance_to((now + timedelta(seconds=protocol.recovery.least)).isoformat())
        if action == Action.COMPLETE:
            told(self.nina.post_(f"{address}/events", accounted_for(now)))
            for entry in told(self.dora.get_("custody/to-sign"))["results"]:
                told(self.dora.post_(f"custody/{entry['id']}/witness"))
        body = {"reason": self.reason, "data": step_data(protocol, action)}
        return told(self.nina.post_(f"{address}/{action}", body))


def told(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.content[:600])
    return answer.json()


def closed(visit: dict[str, Any]) -> set[str]:
    """The names of the gates that are not open."""
    return {gate["name"] for gate in visit["gates"] if not gate["open"]}
