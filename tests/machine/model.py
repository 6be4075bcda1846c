"""What must be true of one visit: a small model of its states, gates and papers, told anew.

It shares no code with the product: tables, gates and sums are its own. Each method says what must
happen when somebody does something – nothing, or the code of the refusal – and remembers it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.machine.course import OWED, PRICE, TIMES, Course, course, lacking
from tests.machine.vials import Cupboard, at_least, told_of

NEXT = {
    "depart": {"assigned"}, "arrive": {"en_route"}, "start-infusion": {"arrived"},
    "end-infusion": {"in_treatment"}, "discharge": {"recovering"}, "complete": {"recovering"},
    "no-show": {"arrived"}, "abort": {"arrived", "in_treatment", "recovering"},
}  # fmt: skip
"""In which states each step may be asked for at the door."""
WAYS = {
    "requested": {"assigned", "cancelled", "suspended"},
    "assigned": {"requested", "cancelled", "suspended", "en_route"},
    "suspended": {"requested", "cancelled"}, "en_route": {"arrived", "cancelled"},
    "arrived": {"in_treatment", "no_show", "aborted"},
    "in_treatment": {"recovering", "aborted"}, "recovering": {"completed", "aborted"},
    "completed": {"aborted", "recovering"}, "no_show": {"aborted"},
    "cancelled": set(), "aborted": set(),
}  # fmt: skip
"""To which other state each may be changed by whatever writes the row."""

HARD = {"clearance", "order", "consent", "companion", "credentials", "custody"}
SOFT = {"kit", "home", "coverage"}
BEFORE = {"requested", "assigned", "en_route", "arrived"}
OVER = {"completed", "cancelled", "no_show", "aborted"}
HERS = {"assigned", "en_route", "arrived", "in_treatment", "recovering", "completed"}
BROKEN = {"no_show", "aborted"}
KIT = {"infusion_pump", "iv_set", "monitor", "airway", "antiemetic", "emergency_drugs"}
HOME = {"private_quiet_room", "bed_or_recliner", "pets_and_children"}
DISCHARGE = {
    "oriented", "vitals_near_baseline", "walks_steadily", "no_vomiting", "iv_removed",
    "companion_instructed",
}  # fmt: skip
LEAST_RECOVERY = timedelta(minutes=30)


@dataclass
class Order:
    since: datetime
    dose: int
    signed_by: str
    waits: bool
    confirmed: bool = False
    withdrawn: bool = False

    @property
    def in_force(self) -> bool:
        return self.confirmed or not self.waits


@dataclass
class Model:
    """``held``: on whose route the visit has its time. ``turn``: how often it was given to
    somebody; events of an earlier turn count for nothing."""

    window: datetime
    cupboard: Cupboard
    held: str | None
    status: str = "requested"
    moves: int = 0
    turn: int = 0
    last_nurse: str | None = None
    cleared_since: datetime | None = None
    judged: str | None = None
    ever_cleared: bool = False
    orders: list[Order] = field(default_factory=list)
    consents: list[list] = field(default_factory=list)
    named: str | None = None
    asked: str | None = None
    answers: dict[str, tuple[str, int]] = field(default_factory=dict)
    kits: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    home: tuple[int, set[str]] = (-1, set())
    price_shown: bool = False
    overridden: set[str] = field(default_factory=set)
    licensed: dict[str, bool] = field(default_factory=lambda: {"nina": True, "nora": True})
    unsettled: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    events: list[dict] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    row: Course = field(default_factory=lambda: Course("requested", dict.fromkeys(TIMES)))
    fee: int | None = None

    def sees(self, nurse: str) -> bool:
        on_route = self.held == nurse and self.status != "requested"
        return on_route or (self.status in BROKEN and self.last_nurse == nurse)

    # Gates

    def gates(self, now: datetime) -> dict[str, str]:
        """Each gate: open, closed or overridden."""
        start = self.window if self.held is None else now
        orders = [one for one in self.orders if not one.withdrawn and one.since <= start]
        consents = [since for since, withdrawn in self.consents if not withdrawn]
        here = self.held is not None
        met = {
            "clearance": self.cleared_since is not None and self.cleared_since <= start,
            "order": any(one.in_force for one in orders),
            "consent": any(since <= start for since in consents),
            "companion": self.said() == "confirmed",
            "credentials": here and self.licensed[self.held],
            "custody": here and self.held not in self.unsettled,
            "kit": here and self.kits.get((self.held, self.moves), set()) >= KIT,
            "home": self.home[0] == self.moves and self.home[1] >= HOME,
            "coverage": self.price_shown,
        }
        passed = self.overridden & SOFT
        return {
            name: "open" if ok else "overridden" if name in passed else "closed"
            for name, ok in met.items()
        }

    def closed(self, now: datetime) -> set[str]:
        return {name for name, state in self.gates(now).items() if state == "closed"}

    def said(self) -> str | None:
        """What the companion that is named now says of the visit as it is now."""
        if self.asked is None or self.asked != self.named:
            return None
        answer, move = self.answers[self.asked]
        return answer if move == self.moves else "asked"

    def override(self, name: str, now: datetime) -> str:
        if name in HARD:
            return "gate_is_hard"
        if self.status not in BEFORE:
            return "wrong_status"
        if self.gates(now)[name] != "closed":
            return "gate_not_closed"
        self.overridden.add(name)
        return ""

    def take_back(self, name: str) -> str:
        if self.status not in BEFORE:
            return "wrong_status"
        if name not in self.overridden:
            return "not_found"
        self.overridden.discard(name)
        return ""

    # Papers

    def screen(self, now: datetime, judged: str) -> None:
        had = self.cleared_since is not None
        self.judged = judged
        if judged == "cleared":
            self.ever_cleared, self.cleared_since = True, now
            self.pending |= set() if had else {"given"}
        else:
            self.cleared_since = None
            self.pending.add("lost")

    def order(self, dose: int, by: str, now: datetime) -> None:
        before = [one for one in self.orders if one.in_force]
        waits = bool(before) and before[-1].dose != dose
        for one in self.orders:
            one.withdrawn = True
        self.orders.append(Order(now, dose, by, waits))

    def confirm(self, by: str) -> str:
        order = self.orders[-1]
        if order.signed_by == by:
            return "second_person"
        if not order.waits or order.confirmed or order.withdrawn:
            return "not_to_confirm"
        order.confirmed = True
        return ""

    # Changes

    def assigned(self, nurse: str) -> None:
        self.status, self.held, self.last_nurse = "assigned", nurse, nurse
        self.turn += 1
        self.pending.add("ask")

    def moved(self, window: datetime, held: str) -> None:
        self.status, self.window, self.held = "requested", window, held
        self.moves += 1
        self.overridden = set()
        self.pending.add("ask")

    def cancel(self, now: datetime) -> str:
        if self.status not in {"requested", "assigned", "suspended", "en_route"}:
            return "wrong_status"
        notice = self.window - now
        day, four, none = timedelta(days=1), timedelta(hours=4), timedelta(0)
        percent = 0 if notice >= day else 25 if notice >= four else 50 if notice >= none else 100
        self.fee = 0 if self.status == "suspended" else PRICE * percent // 100
        self.status, self.held = "cancelled", None
        return ""

    def name(self, who: str) -> None:
        """What was asked of another is closed, and of the same person after a no."""
        self.named = who
        self.pending.add("ask")
        if self.asked is not None and (self.asked != who or self.answers[who][0] == "declined"):
            del self.answers[self.asked]
            self.asked = None

    def deliver(self, now: datetime) -> None:
        """What follows from what was recorded, whenever workers come to it."""
        if "settled" in self.pending:
            self.follow()
        if "ask" in self.pending and self.named and self.status not in OVER:
            self.asked = self.named
            answer, move = self.answers.get(self.named, ("asked", self.moves))
            self.answers[self.named] = (answer if move == self.moves else "asked", self.moves)
        lost = self.cleared_since is None and (self.ever_cleared or self.judged == "refused")
        to_come = self.status == "requested" and now < self.window_end
        if "lost" in self.pending and lost and (to_come or self.status == "assigned"):
            self.status, self.held = "suspended", None
        since, ahead = self.cleared_since, self.status == "suspended" and now < self.window
        if "given" in self.pending and ahead and since is not None and since <= self.window:
            self.status = "requested"
        self.pending = set()

    @property
    def window_end(self) -> datetime:
        return self.window + timedelta(minutes=30)

    # The door

    def ours(self) -> list[dict]:
        return [one for one in self.events if one["turn"] == self.turn]

    def tell(self, events: list[dict], by: str) -> None:
        turn = self.turn if self.sees(by) else None
        known = {one["id"] for one in self.events}
        for one in {one["id"]: one for one in events}.values():
            if one["id"] not in known:
                self.events.append(one | {"turn": turn, "by": by})
        if {one["id"] for one in events} <= known:
            return
        for one in told_of(self.events, by):
            self.cupboard.enter(one, by)
        self.follow()

    def follow(self) -> None:
        if self.status not in HERS | BROKEN:
            return
        self.row = course(self.ours(), settled=self.cupboard.settled())
        self.status, self.fee = self.row.status, self.row.fee
        if self.status in BROKEN:
            self.held = None

    def step(  # noqa: PLR0911 - one return for each refusal
        self, action: str, by: str, now: datetime, data: dict
    ) -> tuple[str, set[str]]:
        """The code of the refusal, or none, and what it names."""
        done = self.row.times
        if not self.sees(by):
            return "not_found", set()
        if self.status not in NEXT[action] or (action == "discharge" and done["discharged_at"]):
            return "wrong_status", set()
        if action in {"depart", "start-infusion"} and self.closed(now):
            return "gate_closed", self.closed(now)
        if action == "depart":
            if now < self.window.replace(hour=11, minute=0):
                return "too_early", set()
            if by in self.elsewhere:
                return "still_under_way", set()
        if action == "complete":
            if done["discharged_at"] is None:
                return "not_discharged", set()
            if not self.cupboard.settled():
                return "custody_open", set()
        missing = self._missing(action, self.at(now), data)
        return ("step_missing", missing) if missing else ("", set())

    def at(self, now: datetime) -> datetime:
        return at_least(now, *self.row.times.values())

    def _missing(self, action: str, at: datetime, data: dict) -> set[str]:
        if action == "start-infusion":
            valid = [one.dose for one in self.orders if one.since <= at and not one.withdrawn]
            ordered = valid[-1] if valid else None
            return lacking(self.ours(), data["dose_ug"], ordered, set(self.cupboard.refused))
        if action == "discharge":
            ended = self.row.times["infusion_ended_at"]
            short = ended is None or at - ended < LEAST_RECOVERY
            return (DISCHARGE - set(data["criteria"])) | ({"recovery"} if short else set())
        return set()


REASONS = sorted(OWED)
