"""A second opinion on where a visit's drug is: sums per vial, in micrograms, told anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

OFFLINE = timedelta(minutes=10)
SEEN_BY_TWO = {"waste", "return", "discrepancy"}


@dataclass
class Line:
    """One movement that was written down: what, of which vial, by whom, and who signed."""

    kind: str
    vial: str
    by: str
    had: str
    signed: str | None = None
    put_back: bool = False


@dataclass
class Vial:
    content: int
    expired: bool
    stock: int
    hand: int = 0
    lying: int = 0
    opened: bool = False
    taken: int = 0
    restocked: int = 0


@dataclass
class Cupboard:
    """The vials of one visit, by their labels, and the lines about them by their events' ids."""

    vials: dict[str, Vial]
    lines: dict[UUID, Line] = field(default_factory=dict)
    refused: dict[UUID, dict] = field(default_factory=dict)

    def balance(self) -> dict[str, int]:
        return {label: vial.hand for label, vial in self.vials.items()}

    def settled(self) -> bool:
        open_lines = [one for one in self.lines.values() if one.kind in SEEN_BY_TWO]
        return not any(self.balance().values()) and all(one.signed for one in open_lines)

    def enter(self, event: dict, by: str) -> None:
        """Write an event down unless it is known; what cannot be is tried again later."""
        if event["id"] in self.lines:
            return
        if not self._fits(event):
            self.refused[event["id"]] = event
            return
        self.refused.pop(event["id"], None)
        self.move(event["id"], event["type"], event["data"], by, by)

    def move(self, number: UUID, kind: str, data: dict, by: str, had: str) -> None:
        vial = self.vials[data["vial"]]
        ug = data.get("ug", vial.content)
        if kind == "checkout":
            vial.stock -= ug
            vial.hand += ug
            vial.taken += 1
        else:
            vial.hand -= ug
        vial.lying += ug if kind == "return" else 0
        vial.opened |= kind in {"give", "waste"}
        self.lines[number] = Line(kind, data["vial"], by, had)
        self._put_back(data["vial"])

    def _fits(self, event: dict) -> bool:
        vial = self.vials.get(event["data"]["vial"])
        if vial is None:
            return False
        if event["type"] != "checkout":
            return True
        late = event["received"] - event["at"] > OFFLINE
        return vial.stock == vial.content and (late or not vial.expired)

    def may_sign(self, number: UUID, who: str) -> str:
        """Whether this person may sign, or the code of the refusal."""
        line = self.lines[number]
        if line.kind not in SEEN_BY_TWO:
            return "no_witness_needed"
        if who in {line.by, line.had}:
            return "own_entry"
        return "already_signed" if line.signed not in {None, who} else ""

    def sign(self, number: UUID, who: str) -> bool:
        """Sign, and say whether that settles the visit."""
        line = self.lines[number]
        if line.signed is not None:
            return False
        line.signed = who
        self._put_back(line.vial)
        return self.settled()

    def _put_back(self, label: str) -> None:
        """An unopened vial whose return was signed goes into stock again, as often as it left."""
        vial = self.vials[label]
        backs = [one for one in self.lines.values() if (one.kind, one.vial) == ("return", label)]
        ready = [one for one in backs if one.signed and not one.put_back]
        if not ready or vial.opened or vial.taken <= vial.restocked or vial.stock:
            return
        ready[0].put_back = True
        vial.restocked += 1
        vial.lying -= vial.content
        vial.stock += vial.content


def cupboard(content: int) -> Cupboard:
    """Two good vials and one whose date has passed."""
    labels = {"V1": False, "V2": False, "VX": True}
    return Cupboard({one: Vial(content, old, content) for one, old in labels.items()})


def told_of(events: list[dict], by: str) -> list[dict]:
    """What one phone told of vials so far, in the order in which it happened."""
    kinds = {"checkout", "give", *SEEN_BY_TWO}
    mine = [one for one in events if one["by"] == by and one["type"] in kinds]
    return sorted(mine, key=lambda one: (one["at"], one["id"]))


def at_least(when: datetime, *others: datetime | None) -> datetime:
    return max([when, *(one for one in others if one is not None)])
