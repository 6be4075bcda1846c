"""Every writing operation with a body that is accepted, and what kind of value each field takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.answers import CLEARED
from tests.api.contact_operations import CONTACT
from tests.api.glass_operations import GLASS
from tests.api.keeping_operations import KEEPING
from tests.api.messaging_operations import MESSAGING
from tests.api.operation import Operation, bare, on_visit, post
from tests.api.service_operations import SERVICE_ACCOUNTS
from tests.api.town import Town, asked
from tests.builders import KETAMINE, PASSWORD, PHONE, TODAY, TOMORROW, at


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


def _kit(town: Town) -> dict[str, Any]:
    assert town.assigned
    return {"date": TOMORROW.isoformat(), "items": ["airway"]}


PRICE = 59500


def _held(town: Town) -> Any:
    """A consult that has begun by now."""
    consult_id = town.consult
    town.set_clock(at(9, 10, day=TOMORROW + timedelta(days=1)))
    return consult_id


VERSIONS = f"protocols/{KETAMINE}/versions"
REASON = {"reason": "optional text"}
ALL_OPTIONAL = {"companion": "optional uuid", "price_cents": "optional number"}
CALLED_OFF = REASON | {"charge": "optional flag"}
STEP = REASON | {"data": "optional object"}

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
         {"name": "text", "phone": "phone", "patient": "uuid", "email": "optional text",
          "language": "text", "zone": "text"}, "name phone"),
    post("Screenings", "bob", "screenings",
         lambda town: {"patient": str(town.alice.person_id), "protocol": KETAMINE,
                       "answers": CLEARED},
         {"patient": "uuid", "protocol": "text", "answers": "object"}, "patient protocol answers"),
    post("ScreeningAnswers", "bob", "screenings/answers",
         lambda town: {"patient": str(town.alice.person_id), "protocol": KETAMINE,
                       "answers": {"pregnant": "no"}},
         {"patient": "uuid", "protocol": "text", "answers": "object"}, "patient protocol answers"),
    Operation("ScreeningMedication", "POST", "dora",
              lambda town: f"screenings/{town.for_agreement}/medication",
              lambda _: {"rule": "benzodiazepine", "last_dose_on": "2027-06-06",
                         "agreed_with": "Dr. Okafor"},
              {"rule": "choice", "last_dose_on": "day of any year", "agreed_with": "text"},
              ("rule", "last_dose_on", "agreed_with")),
    post("ProtocolVersions", "dora", VERSIONS,
         lambda town: {"data": town.world.protocol_row().data}, {"data": "object"}, "data"),
    Operation("ProtocolSignOff", "POST", "dora",
              lambda town: f"{VERSIONS}/{town.world.protocol().version}/sign-off",
              lambda _: {"rules": ["fasting"]}, {"rules": "codes"}, ("rules",)),
    bare("ScreeningClearance", "dora", lambda town: f"screenings/{town.for_review}/clearance"),
    post("Orders", "dora", "orders",
         lambda town: {"patient": str(town.alice.person_id), "protocol": KETAMINE, "infusions": 6,
                       "dose_ug_per_kg": 500, "until": "2027-07-01T12:00",
                       "diagnoses": ["F33.2"]},
         {"patient": "uuid", "protocol": "text", "infusions": "number", "dose_ug_per_kg": "number",
          "until": "later", "diagnoses": "diagnoses"},
         "patient protocol infusions dose_ug_per_kg"),
    bare("OrderConfirmation", "nina", lambda town: f"orders/{town.changed_order}/confirmation"),
    bare("OrderWithdrawal", "dora", lambda town: f"orders/{town.changed_order}/withdrawal"),
    post("Consents", "alice", "consents",
         lambda _: {"protocol": KETAMINE, "text_version": 1, "name": "Alice A."},
         {"protocol": "text", "text_version": "number", "name": "text"},
         "protocol text_version name"),
    bare("ConsentWithdrawal", "alice", lambda town: f"consents/{town.consent}/withdrawal"),
    post("Holds", "alice", "holds", lambda town: {"slot": town.slot}, {"slot": "text"}, "slot"),
    Operation("HoldDetail", "DELETE", "alice", lambda town: f"holds/{town.hold}", lambda _: None),
    post("SeriesHold", "alice", "series", lambda town: town.weekly | {"pattern": _pattern(town)},
         {"protocol": "text", "location": "uuid", "phase": "optional text", "pattern": "object",
          "pattern.count": "number",
          "pattern.gap_days": "object", "pattern.gap_days.min": "number",
          "pattern.gap_days.max": "number", "pattern.first_day": "day",
          "pattern.weekdays": "weekdays", "pattern.hours": "optional object",
          "pattern.hours.start": "clock", "pattern.hours.end": "clock",
          "pattern.nurse": "optional uuid", "pattern.continuity": "choice"},
         "protocol location pattern.gap_days.min pattern.hours.end"),
    Operation("SeriesCancel", "POST", "alice", lambda town: f"series/{town.booked}/cancel",
              _reason, REASON),
    bare("SeriesResume", "dora", lambda town: f"series/{town.paused}/resume"),
    Operation("SeriesResponses", "POST", "dora", lambda town: f"series/{town.given}/responses",
              lambda _: {"improvement": "some", "note": "sleeps better"},
              {"improvement": "choice", "note": "optional text"}, ("improvement",)),
    post("Responses", "dora", "responses",
         lambda town: {"patient": str(town.alice.person_id), "protocol": "ketamine_booster",
                       "improvement": "significant", "note": "", "elsewhere_on": "2027-05-01"},
         {"patient": "uuid", "protocol": "text", "improvement": "choice", "phase": "optional text",
          "note": "optional text", "elsewhere_on": "past day"},
         "patient protocol improvement"),
    post("Scores", "dora", "scores",
         lambda town: {"patient": str(town.alice.person_id), "instrument": "phq9",
                       "items": [1] * 9},
         {"patient": "uuid", "instrument": "choice", "items": "items"},
         "patient instrument items"),
    Operation("SeriesBook", "POST", "alice", lambda town: f"series/{town.series}/book",
              lambda town: {"companion": str(town.carl.id), "price_cents": PRICE},
              ALL_OPTIONAL),
    Operation("SeriesDetail", "DELETE", "alice", lambda town: f"series/{town.series}",
              lambda _: None),
    post("Visits", "alice", "visits",
         lambda town: {"hold": str(town.hold), "companion": str(town.carl.id),
                       "price_cents": PRICE},
         {"hold": "uuid", "companion": "optional uuid", "price_cents": "number"}),
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
    on_visit("VisitReadiness", "alice", "readiness", lambda _: {"items": ["bed_or_recliner"]},
             {"items": "codes"}, "items"),
    on_visit("VisitCoverage", "bob", "coverage", lambda _: {"price_cents": PRICE},
             {"price_cents": "number"}, "price_cents"),
    on_visit("VisitOverride", "bob", "gates/home/override", _reason, {"reason": "text"}, "reason"),
    Operation("VisitOverride", "DELETE", "bob",
              lambda town: f"visits/{town.overridden}/gates/kit/override", lambda _: None),
    Operation("PatientCoverage", "PUT", "bob",
              lambda town: f"patients/{town.alice.person_id}/coverage",
              lambda _: {"coverage": "maybe", "payer": "Blue Heron"},
              {"coverage": "choice", "payer": "optional text"}, ("coverage",)),
    post("MyKit", "nina", "nurses/me/kit", _kit, {"date": "day", "items": "codes"}, "date items"),
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
    bare("PlanStop", "bob", lambda town: f"plans/{town.asked_plan}/stop"),
    bare("PlanAccept", "bob", lambda town: f"plans/{town.plan}/accept"),
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
    post("Vials", "anna", "vials",
         lambda _: {"drug": "ketamine", "lot": "L8", "content_ug": 50_000,
                    "expires_on": "2028-01-31", "numbers": ["V2", "V3"]},
         {"drug": "choice", "lot": "text", "content_ug": "number", "expires_on": "last day",
          "numbers": "labels"},
         "drug lot content_ug expires_on numbers"),
    Operation("VialDiscrepancy", "POST", "anna", lambda town: f"vials/{town.vial}/discrepancy",
              lambda _: {"ug": 1, "reason": "leaks"},
              {"ug": "number", "reason": "text", "visit": "optional uuid"}, ("ug", "reason")),
    bare("CustodyWitness", "dora", lambda town: f"custody/{town.unsigned}/witness"),
    Operation("TaskDone", "POST", "bob", lambda town: f"tasks/{town.task}/done",
              lambda _: {"outcome": "called"}, {"outcome": "text"}, ("outcome",)),
    Operation("VerificationCorrections", "POST", "bob",
              lambda town: f"verifications/{town.verification}/corrections",
              lambda _: {"element": "ended_at", "value": "2027-06-08T12:30",
                         "reason": "step_forgotten"},
              {"element": "choice", "value": "time", "reason": "choice"},
              ("element", "value", "reason")),
    post("Consults", "bob", "consults",
         lambda town: {"patient": str(town.alice.person_id), "kind": "before_first",
                       "protocol": KETAMINE, "starts_at": "2027-06-08T09:00",
                       "clinician": str(town.dora.user_id)},
         {"patient": "uuid", "kind": "choice", "protocol": "text", "starts_at": "time",
          "clinician": "uuid"},
         "patient kind protocol starts_at"),
    bare("ConsultCancel", "alice", lambda town: f"consults/{town.consult}/cancel"),
    bare("ConsultDone", "dora", lambda town: f"consults/{_held(town)}/done"),
    post("SharingConsents", "alice", "sharing-consents",
         lambda _: {"recipient": "primary_physician", "name": "Dr. Green",
                    "phone": "202 555 0133", "text_version": 1},
         {"recipient": "choice", "name": "text", "phone": "phone", "text_version": "number"},
         "recipient name phone text_version"),
    bare("SharingWithdrawal", "alice", lambda town: f"sharing-consents/{town.sharing}/withdrawal"),
    *CONTACT,
    *GLASS,
    *KEEPING,
    *MESSAGING,
    *SERVICE_ACCOUNTS,
    Operation("MarketClock", "POST", "anna", lambda town: f"markets/{town.market.id}/clock",
              lambda _: {"advance_s": 60}, {"advance_s": "number"}, ("advance_s",)),
]  # fmt: skip
