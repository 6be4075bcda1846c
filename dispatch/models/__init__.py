"""The tables; one family of rows a file."""

from dispatch.models.clinical import Clearance, Consent, Order, Screening
from dispatch.models.fieldwork import FieldEvent, RefusedMovement
from dispatch.models.markets import Market
from dispatch.models.messages import CompanionRequest, LocalText, Message, MessageAttempt
from dispatch.models.people import (
    Certificate,
    Companion,
    Licence,
    Location,
    Nurse,
    Patient,
    User,
)
from dispatch.models.plans import Absence, PlanJob
from dispatch.models.protocols import Protocol, Questionnaire
from dispatch.models.records import (
    AuditEntry,
    IdempotencyRecord,
    OutboxEvent,
    SignIn,
    SpentToken,
)
from dispatch.models.series import Series
from dispatch.models.shifts import Shift, ShiftException, ShiftRule
from dispatch.models.supervision import Supervision
from dispatch.models.tasks import Task
from dispatch.models.visits import Assignment, Hold, Reservation, Visit, VisitTransition

__all__ = [
    "Absence",
    "Assignment",
    "AuditEntry",
    "Certificate",
    "Clearance",
    "Companion",
    "CompanionRequest",
    "Consent",
    "FieldEvent",
    "Hold",
    "IdempotencyRecord",
    "Licence",
    "LocalText",
    "Location",
    "Market",
    "Message",
    "MessageAttempt",
    "Nurse",
    "Order",
    "OutboxEvent",
    "Patient",
    "PlanJob",
    "Protocol",
    "Questionnaire",
    "RefusedMovement",
    "Reservation",
    "Screening",
    "Series",
    "Shift",
    "ShiftException",
    "ShiftRule",
    "SignIn",
    "SpentToken",
    "Supervision",
    "Task",
    "User",
    "Visit",
    "VisitTransition",
]
