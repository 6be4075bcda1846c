"""Who may do what, to whose rows, in one table; what is not in it is refused.

A role in a row reaches what it usually does: patients what is their own, nurses what they are
assigned, the others their market. Where it reaches other rows, the row says so. Service accounts
come in with the scope that a row names. Whoever may knock and asks for a row out of their reach is
answered as if there were none: dispatch/selectors/access.py. What of a row each role is told is in
dispatch/domain/disclosure.py. The words are in dispatch/domain/whose.py; the pages have a table of
their own in web/policy.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

from dispatch.domain.people import PEOPLE, Actor, Role, Scope
from dispatch.domain.whose import (
    ANYONE,
    SIGNATURE,
    Rows,
    Who,
    Whose,
    pass_of,
    reach_of,
    reaching,
)
from dispatch.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

PATIENT, NURSE, DISPATCHER = Role.PATIENT, Role.NURSE, Role.DISPATCHER
PRESCRIBER, ADMIN = Role.PRESCRIBER, Role.ADMINISTRATOR

SIGNED_IN = frozenset(PEOPLE)
BOOKING = frozenset({PATIENT, DISPATCHER})
ASKING = frozenset({PATIENT, NURSE, DISPATCHER, PRESCRIBER})
DESK = frozenset({DISPATCHER, ADMIN})
LICENSED = frozenset({NURSE, PRESCRIBER})
ONESELF = reaching(Whose.OWN, SIGNED_IN)
STAFF = frozenset({NURSE, DISPATCHER, PRESCRIBER, ADMIN})
OWN_GLASS = reaching(Whose.OWN, LICENSED | {DISPATCHER})

POLICY: Rows = {
    "SignIn": {"POST": ANYONE},
    "Refresh": {"POST": ANYONE},
    "SignOut": {"POST": ANYONE},
    "Schema": {"GET": ANYONE},
    "Docs": {"GET": ANYONE},
    "Me": {"GET": ONESELF},
    "Protocols": {"GET": SIGNED_IN},
    "Patients": {"GET": frozenset({DISPATCHER, PRESCRIBER})},
    "PatientSearch": {"POST": frozenset({DISPATCHER, PRESCRIBER})},
    "MyExport": {"GET": frozenset({PATIENT})},
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
    # The second person need not be one who visits the patient.
    "OrderConfirmation": {"POST": reaching(Whose.MARKET, LICENSED)},
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
    "Visits": {"GET": SIGNED_IN | {Scope.VISITS_READ}, "POST": BOOKING},
    "VisitDetail": {"GET": SIGNED_IN | {Scope.VISITS_READ}},
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
    "Messages": {"GET": frozenset({DISPATCHER, Scope.MESSAGES_READ})},
    "MessageEngine": {"GET": frozenset({DISPATCHER, Scope.MESSAGES_READ})},
    "MessageAgain": {"POST": frozenset({DISPATCHER})},
    "MyRoute": {"GET": frozenset({NURSE})},
    "MyCalendarLink": {
        "GET": reaching(Whose.OWN, frozenset({NURSE})),
        "POST": reaching(Whose.OWN, frozenset({NURSE})),
        "DELETE": reaching(Whose.OWN, frozenset({NURSE})),
    },
    "CalendarFeed": {"GET": ANYONE},
    "MyKit": {"POST": frozenset({NURSE})},
    "Board": {"GET": DESK | {Scope.BOARD_READ}},
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
    "Vials": {
        "GET": reaching(Whose.MARKET, STAFF) | {Scope.CUSTODY_READ},
        "POST": frozenset({ADMIN}),
    },
    "VialDiscrepancy": {"POST": frozenset({PRESCRIBER, ADMIN})},
    "VisitCustody": {"GET": STAFF | {Scope.CUSTODY_READ}},
    "CustodyToSign": {"GET": reaching(Whose.MARKET, LICENSED)},
    "CustodyWitness": {"POST": reaching(Whose.MARKET, LICENSED)},
    "CustodyInventory": {"GET": frozenset({PRESCRIBER, ADMIN, Scope.CUSTODY_READ})},
    "Tasks": {"GET": reaching(Whose.ROLE, STAFF)},
    "TaskDone": {"POST": reaching(Whose.ROLE, STAFF)},
    "Verifications": {"GET": DESK | {Scope.VERIFICATIONS_READ}},
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
    "Superbill": {"GET": DESK | {PATIENT, PRESCRIBER}},
    "Webhooks": {
        "GET": frozenset({ADMIN, Scope.WEBHOOKS_READ}),
        "POST": frozenset({ADMIN, Scope.WEBHOOKS_WRITE}),
    },
    "WebhookDetail": {
        "GET": frozenset({ADMIN, Scope.WEBHOOKS_READ}),
        "DELETE": frozenset({ADMIN, Scope.WEBHOOKS_WRITE}),
    },
    "WebhookSecret": {"POST": frozenset({ADMIN, Scope.WEBHOOKS_WRITE})},
    "WebhookTest": {"POST": frozenset({ADMIN, Scope.WEBHOOKS_WRITE})},
    "WebhookDeliveries": {"GET": frozenset({ADMIN, Scope.WEBHOOKS_READ})},
    "WebhookReplay": {"POST": frozenset({ADMIN, Scope.WEBHOOKS_WRITE})},
    "DeliveryReplay": {"POST": frozenset({ADMIN, Scope.WEBHOOKS_WRITE})},
    "TextHook": {"POST": SIGNATURE},
    "EmailHook": {"POST": SIGNATURE},
    "InboundTexts": {"GET": frozenset({DISPATCHER})},
    "ServiceAccounts": {"GET": frozenset({ADMIN}), "POST": frozenset({ADMIN})},
    "ServiceAccountDetail": {"DELETE": frozenset({ADMIN})},
    "BreakGlass": {"GET": OWN_GLASS | {ADMIN}, "POST": reaching(Whose.MARKET, STAFF)},
    "BrokenGlassEnd": {"POST": OWN_GLASS | {ADMIN}},
    "BrokenGlassRecord": {"GET": reaching(Whose.OWN, STAFF)},
    "BrokenGlassReview": {"POST": frozenset({ADMIN})},
    "MarketClock": {"POST": frozenset({ADMIN})},
}


class PolicyPermission(BasePermission):
    """Looks the door and the method up in the table."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if request.method not in view.allowed_methods:
            return True  # nothing is behind it: it is answered with 405
        door = POLICY.get(type(view).__name__, {})
        if request.method == "OPTIONS":
            return bool(door)  # it tells what the door takes, and looks at no row
        method = "GET" if request.method == "HEAD" else str(request.method)
        row = door.get(method, frozenset())
        if pass_of(row):
            return True
        return isinstance(request.user, User) and _may(request, request.user, row)


def _may(request: Request, user: User, row: frozenset[Who]) -> bool:
    scopes = request.auth.scopes if isinstance(request.auth, Actor) else frozenset()
    return reach_of(row, Role(user.role), scopes) is not None
