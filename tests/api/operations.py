"""Every writing operation with a body that is accepted, and what kind of value each field takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.answers import CLEARED
from tests.api.town import Town, asked
from tests.builders import KETAMINE, PASSWORD, PHONE, TODAY, TOMORROW, at

LONG = "x" * 10_000
NUL, SURROGATE = "a\x00b", "a\ud800b"
NO_TEXTS = [None, True, [], ["a"], {}, {"a": 1}, LONG, NUL, SURROGATE]
NO_UUIDS = [None, "", "x", [], {}, 1.5, -1, 2**130, "0" * 31, LONG, NUL, SURROGATE, str(uuid4())]
NO_NUMBERS = [None, "", "x", [], {}, True, 1.5, 0, -1, 2**31, 2**64, 2**200, LONG, NUL, SURROGATE]
NO_OBJECTS = [None, "", "x", [], [1], 7, True, LONG, NUL]
NO_TIMES = [
    None, "", "x", True, [], {}, LONG, NUL, SURROGATE, "2027-06-31T10:00", "10:00",
    "2027-06-08T25:00", "0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-23:59",
    "2027-03-14T02:30", "2027-03-14T02:30-05:00", "2027-03-14T02:30:00-04:00",
]  # fmt: skip

NO_DAYS = [
    None, "", "x", True, [], {}, LONG, NUL, SURROGATE, "2027-06-31", "2027-06-09T10:00",
    "0001-01-01", "9999-12-31", "2027-06-06", "2027-12-24",
]  # fmt: skip
NO_CLOCKS = [None, "", "x", True, 7, [], {}, LONG, NUL, SURROGATE, "24:00", "10:60", "-1:00"]
NO_WEEKDAYS = [
    None, "", "monday", 7, True, {"monday": 1}, ["castle"], [7], [None], [["monday"]], [NUL],
    ["monday"] * 8,
]  # fmt: skip

KINDS: dict[str, list[Any]] = {
    "text": [*NO_TEXTS, ""],
    "optional text": NO_TEXTS,
    "uuid": NO_UUIDS,
    "optional uuid": [one for one in NO_UUIDS if one is not None],
    "number": NO_NUMBERS,
    "optional number": [one for one in NO_NUMBERS if one is not None],
    "choice": [*NO_TEXTS, "", 7, "castle"],
    "object": NO_OBJECTS,
    "optional object": [one for one in NO_OBJECTS if one is not None],
    "optional flag": ["", "x", [], {}, 7, 1.5, LONG, NUL],
    "fresh uuid": NO_UUIDS[:-1],
    "time": NO_TIMES,
    "day": NO_DAYS,
    "clock": NO_CLOCKS,
    "weekdays": NO_WEEKDAYS,
    "zip": [*NO_TEXTS, "", "1234", "123456", "ABCDE", "00000", "²0001", "２０００１", "٢٠٠٠١"],
    "phone": [*NO_TEXTS, "", "x", "12", "+", "1" * 31],
}


@dataclass(frozen=True)
class Operation:
    """``fields`` tells the kind of each; a dotted name is a field within a field."""

    door: str
    method: str
    role: str
    path: Callable[[Town], str]
    body: Callable[[Town], dict[str, Any] | None]
    fields: dict[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.door}"


def post(door: str, role: str, path: str, body: Any, fields: dict[str, str], needed: str = ""):
    """An operation whose address is the same for everybody."""
    return Operation(door, "POST", role, lambda _: path, body, fields, tuple(needed.split()))


def on_visit(door: str, role: str, verb: str, body: Any, fields: dict[str, str], needed: str = ""):
    method = "PUT" if door == "VisitCompanion" else "POST"
    path = lambda town: f"visits/{town.assigned}/{verb}"  # noqa: E731
    return Operation(door, method, role, path, body, fields, tuple(needed.split()))


def _password(town: Town) -> dict[str, Any]:
    from dispatch.models import User

    user = User.objects.get(id=town.alice.user_id)
    user.set_password(PASSWORD)
    user.save()
    return {"username": user.username, "password": PASSWORD}


def _refresh(town: Town) -> dict[str, Any]:
    answer = town.as_(town.alice).post_("auth/token", _password(town))
    return {"refresh": answer.json()["refresh"]}


def _name_of(person: Any) -> str:
    from dispatch.models import User

    return User.objects.values_list("username", flat=True).get(id=person.user_id)


def _reason(_: Town) -> dict[str, Any]:
    return {"reason": "ill"}


def _pattern(town: Town) -> dict[str, Any]:
    return {
        "count": 3, "gap_days": {"min": 6, "max": 8}, "first_day": "2027-06-08",
        "weekdays": ["monday"], "hours": {"start": "09:00", "end": "12:00"},
        "nurse": str(town.nina.person_id), "continuity": "one_nurse",
    }  # fmt: skip


REASON = {"reason": "optional text"}
CALLED_OFF = REASON | {"charge": "optional flag"}
STEP = REASON | {"data": "optional object"}
COMPANION = {"companion": "optional uuid"}

OPERATIONS = [
    post("SignIn", "alice", "auth/token", _password,
         {"username": "text", "password": "text"}, "username password"),
    post("Refresh", "alice", "auth/refresh", _refresh, {"refresh": "text"}, "refresh"),
    post("SignOut", "alice", "auth/logout", _refresh, {"refresh": "text"}, "refresh"),
    post("PatientSearch", "bob", "patients/search", lambda _: {"phone": PHONE},
         {"phone": "phone"}, "phone"),
    post("Locations", "alice", "locations",
         lambda _: {"kind": "hotel", "address": "1 A St", "zip_code": "20001", "access_notes": "b"},
         {"kind": "choice", "address": "text", "zip_code": "zip", "access_notes": "optional text",
          "patient": "uuid"},
         "kind address zip_code"),
    post("Companions", "alice", "companions", lambda _: {"name": "Carl", "phone": "202 555 0101"},
         {"name": "text", "phone": "phone", "patient": "uuid"}, "name phone"),
    post("Screenings", "bob", "screenings",
         lambda town: {"patient": str(town.alice.person_id), "protocol": KETAMINE,
                       "answers": CLEARED},
         {"patient": "uuid", "protocol": "text", "answers": "object"}, "patient protocol answers"),
    Operation("ScreeningClearance", "POST", "dora",
              lambda town: f"screenings/{town.for_review}/clearance", lambda _: None),
    post("Orders", "dora", "orders",
         lambda town: {"patient": str(town.alice.person_id), "protocol": KETAMINE, "infusions": 6,
                       "dose_ug_per_kg": 500},
         {"patient": "uuid", "protocol": "text", "infusions": "number",
          "dose_ug_per_kg": "optional number"},
         "patient protocol infusions"),
    post("Consents", "alice", "consents", lambda _: {"protocol": KETAMINE, "text_version": 1},
         {"protocol": "text", "text_version": "number"}, "protocol text_version"),
    post("Holds", "alice", "holds", lambda town: {"slot": town.slot}, {"slot": "text"}, "slot"),
    Operation("HoldDetail", "DELETE", "alice", lambda town: f"holds/{town.hold}", lambda _: None),
    post("SeriesHold", "alice", "series", lambda town: town.weekly | {"pattern": _pattern(town)},
         {"protocol": "text", "location": "uuid", "pattern": "object", "pattern.count": "number",
          "pattern.gap_days": "object", "pattern.gap_days.min": "number",
          "pattern.gap_days.max": "number", "pattern.first_day": "day",
          "pattern.weekdays": "weekdays", "pattern.hours": "optional object",
          "pattern.hours.start": "clock", "pattern.hours.end": "clock",
          "pattern.nurse": "optional uuid", "pattern.continuity": "choice"},
         "protocol location pattern.gap_days.min pattern.hours.end"),
    Operation("SeriesBook", "POST", "alice", lambda town: f"series/{town.series}/book",
              lambda town: {"companion": str(town.carl.id)}, COMPANION),
    Operation("SeriesDetail", "DELETE", "alice", lambda town: f"series/{town.series}",
              lambda _: None),
    post("Visits", "alice", "visits",
         lambda town: {"hold": str(town.hold), "companion": str(town.carl.id)},
         {"hold": "uuid", "companion": "optional uuid"}),
    Operation("Visits", "POST", "bob", lambda _: "visits",
              lambda town: asked((at(8), at(18)), town.home) | {"companion": str(town.carl.id)},
              {"protocol": "text", "location": "uuid", "window": "object", "window.start": "time",
               "window.end": "time", "companion": "optional uuid"},
              ("protocol", "location", "window", "window.start", "window.end")),
    on_visit("VisitCancel", "alice", "cancel", _reason, CALLED_OFF),
    on_visit("VisitReschedule", "alice", "reschedule", lambda town: {"hold": str(town.hold)},
             {"hold": "uuid"}, "hold"),
    on_visit("VisitCompanion", "alice", "companion", lambda town: {"companion": str(town.carl.id)},
             {"companion": "uuid"}, "companion"),
    on_visit("VisitAssign", "bob", "assign",
             lambda town: {"nurse": str(town.nina.person_id), "reason": "asked"},
             {"nurse": "uuid", "reason": "optional text"}, "nurse"),
    on_visit("VisitStep", "nina", "depart", _reason, STEP),
    on_visit("VisitEvents", "nina", "events",
             lambda _: [{"id": str(uuid4()), "type": "note", "data": {"text": "Rang twice."},
                         "device_time": at(8, day=TODAY).isoformat()}],
             {"[0].id": "fresh uuid", "[0].type": "choice", "[0].device_time": "time",
              "[0].data": "object", "[0].data.text": "text"},
             "[0].id [0].type [0].device_time [0].data [0].data.text"),
    post("Plans", "bob", "plans",
         lambda town: {"market": str(town.market.id), "date": TOMORROW.isoformat(), "seconds": 1},
         {"market": "uuid", "date": "day", "seconds": "optional number"}, "market date"),
    Operation("PlanStop", "POST", "bob", lambda town: f"plans/{town.asked_plan}/stop",
              lambda _: None),
    Operation("PlanAccept", "POST", "bob", lambda town: f"plans/{town.plan}/accept",
              lambda _: None),
    post("Absences", "bob", "absences",
         lambda town: {"nurse": str(town.nina.person_id), "from": at(0).isoformat(),
                       "until": at(23).isoformat(), "reason": "ill"},
         {"nurse": "uuid", "from": "time", "until": "time", "reason": "optional text"},
         "nurse from until"),
    post("Repairs", "bob", "repairs",
         lambda town: {"market": str(town.market.id), "date": TOMORROW.isoformat()},
         {"market": "uuid", "date": "day"}, "market date"),
    Operation("RepairAccept", "POST", "bob", lambda town: f"repairs/{town.repair}/accept",
              lambda _: {"proposal": 1}, {"proposal": "number"}, ("proposal",)),
    post("Supervisions", "anna", "supervisions",
         lambda town: {"clinician": _name_of(town.dora), "infusions": 3,
                       "begins_at": "2027-06-08T08:00", "ends_at": "2027-06-08T18:00"},
         {"clinician": "text", "infusions": "number", "begins_at": "time", "ends_at": "time"},
         "clinician infusions begins_at"),
    Operation("SupervisionEnd", "POST", "anna",
              lambda town: f"supervisions/{town.duty}/end",
              lambda _: {"ends_at": "2027-06-08T18:00"}, {"ends_at": "time"}, ("ends_at",)),
    Operation("TaskDone", "POST", "bob", lambda town: f"tasks/{town.task}/done",
              lambda _: {"outcome": "called"}, {"outcome": "text"}, ("outcome",)),
    Operation("MarketClock", "POST", "anna", lambda town: f"markets/{town.market.id}/clock",
              lambda _: {"advance_s": 60}, {"advance_s": "number"}, ("advance_s",)),
]  # fmt: skip
