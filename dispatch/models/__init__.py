"""The tables; one family of rows a file."""

from dispatch.models.break_glass import BrokenGlass
from dispatch.models.calendars import CalendarEntry, CalendarLink
from dispatch.models.clinical import Agreement, Answer, Clearance, Consent, Order, Screening
from dispatch.models.consults import Consult
from dispatch.models.contact import ContactConsent, PushSubscription, Stop
from dispatch.models.course import Response, Score
from dispatch.models.custody import CustodyEntry, CustodySignature, Vial
from dispatch.models.engine import DeliveryEngine
from dispatch.models.fieldwork import FieldEvent, RefusedMovement
from dispatch.models.gates import (
    Coverage,
    GateOverride,
    GateOverrideEnd,
    HomeCheck,
    KitCheck,
    PriceShown,
)
from dispatch.models.inbound import InboundText, ProviderReceipt, TextReply
from dispatch.models.keeping import Erasure, RetentionRun
from dispatch.models.lines import CarrierLine
from dispatch.models.markets import Market
from dispatch.models.messages import CompanionRequest, LocalMessage, Message, MessageAttempt
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
from dispatch.models.protocols import Protocol, Questionnaire, SignOff
from dispatch.models.records import (
    AuditEntry,
    IdempotencyRecord,
    OutboxEvent,
    SignIn,
    SpentToken,
)
from dispatch.models.series import Series
from dispatch.models.service_accounts import ServiceAccount
from dispatch.models.sessions import ScreenSession
from dispatch.models.sharing import SharingConsent
from dispatch.models.shifts import Shift, ShiftException, ShiftRule
from dispatch.models.sign_in import Invitation, KnownAddress, LimitCount, SpentCode
from dispatch.models.supervision import Supervision
from dispatch.models.tasks import Task
from dispatch.models.trail import AuditCheck, AuditSeal, AuditUnsealed
from dispatch.models.verification import Verification, VerificationCorrection
from dispatch.models.visits import Assignment, Hold, Reservation, Visit, VisitTransition
from dispatch.models.waiting import WaitingEntry
from dispatch.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Absence",
    "Agreement",
    "Answer",
    "Assignment",
    "AuditCheck",
    "AuditEntry",
    "AuditSeal",
    "AuditUnsealed",
    "BrokenGlass",
    "CalendarEntry",
    "CalendarLink",
    "CarrierLine",
    "Certificate",
    "Clearance",
    "Companion",
    "CompanionRequest",
    "Consent",
    "Consult",
    "ContactConsent",
    "Coverage",
    "CustodyEntry",
    "CustodySignature",
    "DeliveryEngine",
    "Erasure",
    "FieldEvent",
    "GateOverride",
    "GateOverrideEnd",
    "Hold",
    "HomeCheck",
    "IdempotencyRecord",
    "InboundText",
    "Invitation",
    "KitCheck",
    "KnownAddress",
    "Licence",
    "LimitCount",
    "LocalMessage",
    "Location",
    "Market",
    "Message",
    "MessageAttempt",
    "Nurse",
    "Order",
    "OutboxEvent",
    "Patient",
    "PlanJob",
    "PriceShown",
    "Protocol",
    "ProviderReceipt",
    "PushSubscription",
    "Questionnaire",
    "RefusedMovement",
    "Reservation",
    "Response",
    "RetentionRun",
    "Score",
    "ScreenSession",
    "Screening",
    "Series",
    "ServiceAccount",
    "SharingConsent",
    "Shift",
    "ShiftException",
    "ShiftRule",
    "SignIn",
    "SignOff",
    "SpentCode",
    "SpentToken",
    "Stop",
    "Supervision",
    "Task",
    "TextReply",
    "User",
    "Verification",
    "VerificationCorrection",
    "Vial",
    "Visit",
    "VisitTransition",
    "WaitingEntry",
    "WebhookDelivery",
    "WebhookEndpoint",
]
