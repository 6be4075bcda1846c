"""Who may do what, in one table; what is not in it is refused.

The rows say which roles may knock at a door. Whose rows they find behind it is decided in
dispatch/selectors/access.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

from dispatch.domain.people import Role
from dispatch.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

PATIENT, NURSE, DISPATCHER = Role.PATIENT, Role.NURSE, Role.DISPATCHER
PRESCRIBER, ADMIN = Role.PRESCRIBER, Role.ADMINISTRATOR

ANYONE = frozenset({"anyone"})
SIGNED_IN = frozenset(Role)
BOOKING = frozenset({PATIENT, DISPATCHER})
ASKING = frozenset({PATIENT, NURSE, DISPATCHER, PRESCRIBER})
DESK = frozenset({DISPATCHER, ADMIN})
LICENSED = frozenset({NURSE, PRESCRIBER})
STAFF = frozenset({NURSE, DISPATCHER, PRESCRIBER, ADMIN})

POLICY: dict[str, dict[str, frozenset[Role] | frozenset[str]]] = {
    "SignIn": {"POST": ANYONE},
    "Refresh": {"POST": ANYONE},
    "SignOut": {"POST": ANYONE},
    "Schema": {"GET": ANYONE},
    "Docs": {"GET": ANYONE},
    "Me": {"GET": SIGNED_IN},
    "Protocols": {"GET": SIGNED_IN},
    "Patients": {"GET": frozenset({DISPATCHER, PRESCRIBER})},
    "PatientSearch": {"POST": frozenset({DISPATCHER, PRESCRIBER})},
    "PatientCoverage": {"GET": frozenset({DISPATCHER}), "PUT": frozenset({DISPATCHER})},
    "Nurses": {"GET": DESK},
    "Locations": {"GET": BOOKING, "POST": BOOKING},
    "Companions": {"GET": BOOKING, "POST": BOOKING},
    "ProtocolVersions": {"GET": frozenset({PRESCRIBER}), "POST": frozenset({PRESCRIBER})},
    "ProtocolSignOff": {"POST": frozenset({PRESCRIBER})},
    "Screenings": {"POST": BOOKING},
    "ScreeningAnswers": {"GET": ASKING, "POST": ASKING},
    "ScreeningDetail": {"GET": BOOKING | {PRESCRIBER}},
    "ScreeningClearance": {"POST": frozenset({PRESCRIBER})},
    "ScreeningMedication": {"POST": frozenset({PRESCRIBER})},
    "Orders": {"GET": frozenset({PATIENT, NURSE, PRESCRIBER}), "POST": frozenset({PRESCRIBER})},
    "OrderConfirmation": {"POST": frozenset({PRESCRIBER, NURSE})},
    "OrderWithdrawal": {"POST": frozenset({PRESCRIBER})},
    "Consents": {"GET": frozenset({PATIENT}), "POST": frozenset({PATIENT})},
    "ConsentWithdrawal": {"POST": frozenset({PATIENT})},
    "Slots": {"GET": BOOKING},
    "Holds": {"POST": BOOKING},
    "HoldDetail": {"DELETE": BOOKING},
    "SeriesHold": {"POST": BOOKING},
    "SeriesDetail": {"GET": BOOKING, "DELETE": BOOKING},
    "SeriesBook": {"POST": BOOKING},
    "SeriesResume": {"POST": frozenset({PRESCRIBER})},
    "SeriesCancel": {"POST": BOOKING},
    "SeriesResponses": {"POST": frozenset({PRESCRIBER})},
    "SeriesDashboard": {"GET": BOOKING | {PRESCRIBER}},
    "PatientCourse": {"GET": BOOKING | {PRESCRIBER}},
    "Responses": {"POST": frozenset({PRESCRIBER})},
    "Scores": {"POST": frozenset({PATIENT, NURSE, PRESCRIBER})},
    "Visits": {"GET": SIGNED_IN, "POST": BOOKING},
    "VisitDetail": {"GET": SIGNED_IN},
    "VisitQuestions": {"GET": ASKING},
    "VisitCancel": {"POST": BOOKING},
    "VisitReschedule": {"POST": BOOKING},
    "VisitCompanion": {"PUT": BOOKING},
    "VisitReadiness": {"POST": BOOKING},
    "VisitCoverage": {"POST": BOOKING},
    "VisitOverrides": {"GET": DESK},
    "VisitOverride": {"POST": frozenset({DISPATCHER}), "DELETE": frozenset({DISPATCHER})},
    "VisitStep": {"POST": frozenset({NURSE})},
    "VisitEvents": {"POST": frozenset({NURSE})},
    "VisitRecordDetail": {"GET": frozenset({NURSE, PRESCRIBER, DISPATCHER})},
    "VisitCandidates": {"GET": frozenset({DISPATCHER})},
    "VisitAssign": {"POST": frozenset({DISPATCHER})},
    "Messages": {"GET": frozenset({DISPATCHER})},
    "MessageEngine": {"GET": frozenset({DISPATCHER})},
    "MessageAgain": {"POST": frozenset({DISPATCHER})},
    "MyRoute": {"GET": frozenset({NURSE})},
    "MyKit": {"POST": frozenset({NURSE})},
    "Board": {"GET": DESK},
    "Plans": {"POST": frozenset({DISPATCHER})},
    "PlanDetail": {"GET": frozenset({DISPATCHER})},
    "PlanStop": {"POST": frozenset({DISPATCHER})},
    "PlanAccept": {"POST": frozenset({DISPATCHER})},
    "Absences": {"POST": frozenset({DISPATCHER})},
    "Repairs": {"POST": frozenset({DISPATCHER})},
    "RepairDetail": {"GET": frozenset({DISPATCHER})},
    "RepairAccept": {"POST": frozenset({DISPATCHER})},
    "Supervisions": {"GET": DESK | {PRESCRIBER}, "POST": frozenset({ADMIN})},
    "SupervisionEnd": {"POST": frozenset({ADMIN})},
    "Vials": {"GET": STAFF, "POST": frozenset({ADMIN})},
    "VialDiscrepancy": {"POST": frozenset({PRESCRIBER, ADMIN})},
    "VisitCustody": {"GET": STAFF},
    "CustodyToSign": {"GET": LICENSED},
    "CustodyWitness": {"POST": LICENSED},
    "CustodyInventory": {"GET": frozenset({PRESCRIBER, ADMIN})},
    "Tasks": {"GET": STAFF},
    "TaskDone": {"POST": STAFF},
    "Verifications": {"GET": DESK},
    "VerificationCorrections": {"POST": DESK},
    "Consults": {"GET": BOOKING | {PRESCRIBER}, "POST": BOOKING | {PRESCRIBER}},
    "ConsultCancel": {"POST": BOOKING | {PRESCRIBER}},
    "ConsultDone": {"POST": frozenset({PRESCRIBER})},
    "SharingTerms": {"GET": SIGNED_IN},
    "SharingConsents": {"GET": BOOKING, "POST": frozenset({PATIENT})},
    "SharingWithdrawal": {"POST": BOOKING},
    "ContactTerms": {"GET": SIGNED_IN},
    "Contact": {"GET": BOOKING, "PUT": BOOKING},
    "ContactConsents": {"POST": BOOKING},
    "ContactWithdrawal": {"POST": BOOKING},
    "PushSubscriptions": {"POST": frozenset({PATIENT})},
    "Superbill": {"GET": DESK | {PATIENT}},
    "Webhooks": {"GET": frozenset({ADMIN}), "POST": frozenset({ADMIN})},
    "WebhookDetail": {"GET": frozenset({ADMIN}), "DELETE": frozenset({ADMIN})},
    "WebhookSecret": {"POST": frozenset({ADMIN})},
    "WebhookTest": {"POST": frozenset({ADMIN})},
    "WebhookDeliveries": {"GET": frozenset({ADMIN})},
    "WebhookReplay": {"POST": frozenset({ADMIN})},
    "DeliveryReplay": {"POST": frozenset({ADMIN})},
    "TextHook": {"POST": ANYONE},
    "EmailHook": {"POST": ANYONE},
    "InboundTexts": {"GET": frozenset({DISPATCHER})},
    "MarketClock": {"POST": frozenset({ADMIN})},
}


class PolicyPermission(BasePermission):
    """Looks the door and the method up in the table."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method not in view.allowed_methods:
            return True  # nothing is behind it: it is answered with 405
        method = "GET" if request.method == "HEAD" else str(request.method)
        allowed = POLICY.get(type(view).__name__, {}).get(method, frozenset())
        if allowed is ANYONE or method == "OPTIONS":
            return True
        return isinstance(request.user, User) and request.user.role in allowed
