"""What people do meanwhile: they book, call off and move visits, each in their own time."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID, uuid4

from tests.harness.api import Api, GaveUp
from tests.harness.town import PROTOCOL, Person, Town

AT_ONCE = 12
TRIES = 8
CREATED, OK, CONFLICT = 201, 200, 409
REQUESTED = 0.3
"""How many ask for a time that a worker then finds; the others take an offered slot."""
CALLED_OFF_SOON = 0.06
CALLED_OFF_AT_THE_MARK = 0.12
MOVED = 0.15
AROUND_THE_MARK_S = (-0.3, 0.5)


@dataclass(frozen=True)
class Booked:
    """A booking that was answered with 201; ``held`` where a slot was taken first."""

    visit_id: UUID
    key: str
    held: bool


class Journal:
    """What the API has answered; judged later against what the database holds."""

    def __init__(self) -> None:
        self.booked: list[Booked] = []
        self.called_off: list[UUID] = []
        self.moved: list[tuple[UUID, str]] = []
        self.counts: Counter[str] = Counter()
        self.unanswered: list[str] = []


class Load:
    """One thread looks at the agenda, a few do what is on it."""

    def __init__(self, api: Api, town: Town, draw: random.Random) -> None:
        self.api, self.town, self.draw = api, town, draw
        self.journal = Journal()
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.number = itertools.count()
        self.guard = threading.Lock()
        self.under_way = 0
        self.ends = 0.0

    def run(self, begins: float, seconds: float, on_look: Callable[[], None]) -> None:
        """Spread the bookings over so many seconds, and come back when all that was begun is done.

        Whoever has not got their turn by then does not book: the machine was too slow for them.
        """
        self.ends = begins + seconds
        for number, person in enumerate(self.town.people):
            when = begins + seconds * number / len(self.town.people)
            self._at(when, lambda person=person: self._book(person))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while self.agenda or self.under_way:
                while (doing := self._next()) is not None:
                    pool.submit(self._do, doing)
                on_look()
                time.sleep(0.01)

    def _at(self, when: float, doing: Callable[[], None]) -> None:
        with self.guard:
            heapq.heappush(self.agenda, (when, next(self.number), doing))

    def _next(self) -> Callable[[], None] | None:
        with self.guard:
            if not self.agenda or self.agenda[0][0] > time.time():
                return None
            self.under_way += 1
            return heapq.heappop(self.agenda)[2]

    def _do(self, doing: Callable[[], None]) -> None:
        try:
            doing()
        except GaveUp as fault:
            self.journal.unanswered.append(str(fault))
        except Exception as fault:
            self.journal.unanswered.append(repr(fault))
            raise
        finally:
            with self.guard:
                self.under_way -= 1

    def _book(self, person: Person) -> None:
        if time.time() > self.ends:
            self.journal.counts["came too late"] += 1
            return
        held = self.draw.random() >= REQUESTED
        key = str(uuid4())
        visit_id = self._book_slot(person, key) if held else self._ask_for_time(person, key)
        if visit_id is None:
            self.journal.counts["nothing free"] += 1
            return
        self.journal.booked.append(Booked(visit_id, key, held))
        self._plan_fate(person, visit_id)

    def _plan_fate(self, person: Person, visit_id: UUID) -> None:
        fate, now = self.draw.random(), time.time()
        mark = self.town.marks[person.market]
        if fate < CALLED_OFF_SOON:
            self._at(now + self.draw.uniform(0, 5), lambda: self._call_off(person, visit_id))
        elif fate < CALLED_OFF_SOON + CALLED_OFF_AT_THE_MARK:
            soon = mark + self.draw.uniform(*AROUND_THE_MARK_S)
            when = soon if soon > now else now + self.draw.uniform(0, 2)
            self._at(when, lambda: self._call_off(person, visit_id))
        elif fate < CALLED_OFF_SOON + CALLED_OFF_AT_THE_MARK + MOVED:
            self._at(now + self.draw.uniform(1, 15), lambda: self._move(person, visit_id))

    def _book_slot(self, person: Person, key: str) -> UUID | None:
        hold = self._hold(person)
        if hold is None:
            return None
        answer = self.api.post(person.user_id, "visits", {"hold": hold}, key)
        return self._created(answer.status, answer.body, answer.tries)

    def _ask_for_time(self, person: Person, key: str) -> UUID | None:
        window = {"start": f"{self.town.day}T08:00", "end": f"{self.town.day}T17:00"}
        body = {"protocol": PROTOCOL, "location": str(person.location_id), "window": window}
        answer = self.api.post(person.user_id, "visits", body, key)
        return self._created(answer.status, answer.body, answer.tries)

    def _created(self, status: int, body: dict[str, object], tries: int) -> UUID | None:
        self.journal.counts["asked again"] += tries - 1
        if status != CREATED:
            self.journal.counts[f"not booked: {body.get('code')}"] += 1
            return None
        return UUID(str(body["id"]))

    def _hold(self, person: Person, *, apart_from: str = "") -> str | None:
        """Take an offered slot; others may be faster."""
        for _ in range(TRIES):
            offered = self.api.get(
                person.user_id, "slots", protocol=PROTOCOL, location=str(person.location_id),
                **{"from": self.town.day, "to": self.town.day},
            ).body.get("results", [])  # fmt: skip
            free = [slot for slot in offered if slot["start"] != apart_from]
            if not free:
                return None
            slot = self.draw.choice(free)["id"]
            answer = self.api.post(person.user_id, "holds", {"slot": slot}, str(uuid4()))
            if answer.status == CREATED:
                return str(answer.body["id"])
            self.journal.counts[f"not held: {answer.body.get('code')}"] += 1
        return None

    def _call_off(self, person: Person, visit_id: UUID) -> None:
        """``wrong_status`` at a second try is the first try's doing."""
        answer = self.api.post(person.user_id, f"visits/{visit_id}/cancel", {})
        again = answer.status == CONFLICT and answer.body.get("code") == "wrong_status"
        if answer.status == OK or (again and answer.tries > 1):
            self.journal.called_off.append(visit_id)
        else:
            self.journal.counts[f"not called off: {answer.body.get('code')}"] += 1

    def _move(self, person: Person, visit_id: UUID) -> None:
        visit = self.api.get(person.user_id, f"visits/{visit_id}").body
        hold = self._hold(person, apart_from=visit["window"]["start"])
        if hold is None:
            return
        answer = self.api.post(person.user_id, f"visits/{visit_id}/reschedule", {"hold": hold})
        if answer.status == OK:
            self.journal.moved.append((visit_id, answer.body["window"]["start"]))
        else:
            self.journal.counts[f"not moved: {answer.body.get('code')}"] += 1
