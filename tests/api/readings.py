"""Every reading operation, with an address that finds something."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.operation import Operation
from tests.api.town import NEXT_DAY, Town
from tests.builders import KETAMINE, TOMORROW

DAYS = "&".join(f"{name}={day}" for name, day in NEXT_DAY.items())


def read(door: str, role: str, path: str | Callable[[Town], str]) -> Operation:
    """``path`` is the same for everybody, or made from what there is in the town."""
    address = path if callable(path) else lambda _: path
    return Operation(door, "GET", role, address, lambda _: None)


def listed(door: str, role: str, path: str, *there: str) -> Operation:
    """A list with something on it: what these words of the town's mean is there before."""
    return read(door, role, lambda town: [getattr(town, one) for one in there] and path)


def of_alice(door: str, role: str, path: str) -> Operation:
    """A list, asked for by the patient whose it is."""
    sign = "&" if "?" in path else "?"
    return read(door, role, lambda town: f"{path}{sign}patient={town.alice.person_id}")


def of_visit(door: str, role: str, part: str) -> Operation:
    return read(door, role, lambda town: f"visits/{town.assigned}/{part}")


READINGS = [
    read("Me", "alice", "me"),
    read("Protocols", "alice", "protocols"),
    read("Patients", "bob", "patients"),
    read("PatientCoverage", "bob", lambda town: f"patients/{town.alice.person_id}/coverage"),
    read("PatientCourse", "alice",
         lambda town: f"patients/{town.alice.person_id}/course?protocol={KETAMINE}"),
    read("Nurses", "bob", "nurses"),
    of_alice("Locations", "alice", "locations"),
    read("Locations", "bob", "locations"),
    of_alice("Companions", "alice", "companions"),
    read("Companions", "bob", "companions"),
    read("ProtocolVersions", "dora", f"protocols/{KETAMINE}/versions"),
    of_alice("ScreeningAnswers", "alice", f"screenings/answers?protocol={KETAMINE}"),
    read("ScreeningDetail", "alice", lambda town: f"screenings/{town.for_review}"),
    of_alice("Orders", "dora", "orders"),
    listed("Orders", "dora", "orders", "ready"),
    listed("Consents", "alice", "consents", "ready"),
    read("Slots", "alice",
         lambda town: f"slots?protocol={KETAMINE}&location={town.home.id}&{DAYS}"),
    read("SeriesDetail", "alice", lambda town: f"series/{town.series}"),
    read("SeriesDashboard", "alice", lambda town: f"series/{town.series}/dashboard"),
    listed("Visits", "alice", "visits", "assigned"),
    read("VisitDetail", "alice", lambda town: f"visits/{town.assigned}"),
    of_visit("VisitQuestions", "alice", "questions"),
    of_visit("VisitOverrides", "bob", "overrides"),
    of_visit("VisitRecordDetail", "nina", "record"),
    of_visit("VisitCandidates", "bob", "candidates"),
    of_visit("VisitCustody", "nina", "custody"),
    read("Superbill", "alice", lambda town: f"visits/{town.completed}/superbill"),
    read("Messages", "bob", lambda town: f"messages?visit={town.assigned}"),
    listed("Messages", "bob", "messages", "dead_message"),
    listed("MessageEngine", "bob", "messages/engine", "dead_message"),
    listed("MyRoute", "nina", f"nurses/me/route?date={TOMORROW}", "assigned"),
    read("Board", "bob",
         lambda town: town.assigned and f"board?market={town.market.id}&date={TOMORROW}"),
    read("PlanDetail", "bob", lambda town: f"plans/{town.asked_plan}"),
    read("RepairDetail", "bob", lambda town: f"repairs/{town.repair}"),
    listed("Supervisions", "anna", "supervisions", "duty"),
    listed("Vials", "anna", "vials", "vial"),
    listed("CustodyToSign", "dora", "custody/to-sign", "unsigned"),
    listed("CustodyInventory", "anna", f"custody/inventory?{DAYS}", "vial"),
    listed("Tasks", "bob", "tasks", "task"),
    listed("Verifications", "bob", f"verifications?{DAYS}", "completed"),
    of_alice("Consults", "alice", "consults"),
    listed("Consults", "bob", "consults", "consult"),
    read("SharingTerms", "alice", "sharing-terms"),
    of_alice("SharingConsents", "alice", "sharing-consents"),
    listed("SharingConsents", "bob", "sharing-consents", "sharing"),
    read("ContactTerms", "alice", "contact/terms"),
    of_alice("Contact", "alice", "contact"),
    listed("Webhooks", "anna", "webhooks", "webhook"),
    read("WebhookDetail", "anna", lambda town: f"webhooks/{town.webhook}"),
    read("WebhookDeliveries", "anna",
         lambda town: town.delivery and f"webhooks/{town.webhook}/deliveries"),
    read("InboundTexts", "bob", "inbound-texts"),
    listed("ServiceAccounts", "anna", "service-accounts", "program"),
    read("MyExport", "alice", "patients/me/export"),
    read("MyCalendarLink", "nina", "nurses/me/calendar-link"),
    read("CalendarFeed", "nina", lambda town: f"calendars/{town.calendar}.ics"),
    listed("BreakGlass", "bob", "break-glass", "broken"),
    read("BrokenGlassRecord", "bob", lambda town: f"break-glass/{town.broken}/record"),
]  # fmt: skip
