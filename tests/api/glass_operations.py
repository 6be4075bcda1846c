"""The writing operations around emergencies: glass broken, closed again, reviewed."""

from __future__ import annotations

from tests.api.clinic import EMERGENCY
from tests.api.operation import Operation, bare, post

GLASS = [
    post("BreakGlass", "bob", "break-glass",
         lambda town: {"patient": str(town.alice.person_id), "reason": EMERGENCY, "minutes": 5},
         {"patient": "uuid", "reason": "text", "minutes": "optional number"}, "patient reason"),
    bare("BrokenGlassEnd", "bob", lambda town: f"break-glass/{town.broken}/end"),
    Operation("BrokenGlassReview", "POST", "anna",
              lambda town: f"break-glass/{town.broken}/review",
              lambda _: {"finding": "There was reason to."}, {"finding": "text"}, ("finding",)),
]  # fmt: skip
