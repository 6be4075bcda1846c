"""What waits: the open tasks of one's role by kind, and finding a patient."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch import audit
from dispatch.domain.contact import phone_number
from dispatch.domain.people import Actor, Role
from dispatch.selectors.people import PatientLine, patient_line, patients_named, patients_with
from dispatch.selectors.waiting import waiting_for
from dispatch.services.tasks import finish_task
from web.guarding import Visitor
from web.inbox.answering import lead, show
from web.inbox.reading import LONGEST_TEXT, text

LISTS = {Role.PRESCRIBER: "/inbox/", Role.DISPATCHER: "/tasks/"}


def inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what waits for people of one's role."""
    return show(
        request,
        visitor,
        "inbox",
        kinds=waiting_for(visitor.by),
        prescribes=visitor.by.role is Role.PRESCRIBER,
    )


def finish(request: HttpRequest, visitor: Visitor, task_id: UUID) -> HttpResponse:
    """Say what was done about a task that nothing else ends."""
    outcome = text(request, "outcome", LONGEST_TEXT)
    finish_task(task_id, outcome=outcome, by=visitor.by, now=visitor.now)
    return lead(request, LISTS[visitor.by.role], "task")


def search(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Find patients by phone number or by name; neither stands in the address."""
    if request.method == "GET":
        return show(request, visitor, "found", found=None)
    said = text(request, "who")
    found = _found(visitor.by, said)
    audit.read(
        visitor.by, "POST inbox/patients", "patient", None, shown=len(found), now=visitor.now
    )
    return show(request, visitor, "found", found=found, said=said)


def _found(by: Actor, said: str) -> list[PatientLine]:
    try:
        rows = list(patients_with(by, phone_number(said)))
    except ValueError:
        rows = patients_named(by, said)
    return [patient_line(row) for row in rows]
