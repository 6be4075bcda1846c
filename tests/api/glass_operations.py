"""The writing operations around emergencies: glass broken, closed again, reviewed."""

from __future__ import annotations

from uuid import UUID

from dispatch.services.break_glass import break_glass
from tests.api.operation import Operation, bare, post
from tests.api.town import Town

REASON = "Found unconscious at the door"


def broken(town: Town) -> UUID:
    """Bob broke glass to see Alice's record, just now."""
    return break_glass(town.alice.person_id, reason=REASON, by=town.bob, now=town.now())


GLASS = [
    post("BreakGlass", "bob", "break-glass",
         lambda town: {"patient": str(town.alice.person_id), "reason": REASON, "minutes": 5},
         {"patient": "uuid", "reason": "text", "minutes": "optional number"}, "patient reason"),
    bare("BrokenGlassEnd", "bob", lambda town: f"break-glass/{broken(town)}/end"),
    Operation("BrokenGlassReview", "POST", "anna",
              lambda town: f"break-glass/{broken(town)}/review",
              lambda _: {"finding": "There was reason to."}, {"finding": "text"}, ("finding",)),
]  # fmt: skip
