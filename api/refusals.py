"""Which refusals each operation can give, beside those that follow from what it takes.

A row names the codes that only this door gives; what all doors of a kind give alike is worked out
in ``codes_of`` from the door itself. The tests hold every answer that they get against this.
"""

from __future__ import annotations

from typing import Any

from api.policy import POLICY
from api.problem_codes import CODES
from dispatch.domain.whose import ANYONE

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BOOKING = "gap_not_kept not_cleared phase_full phase_not_open series_paused slot_taken"
VIALS = "vial_expired vial_not_in_stock vial_opened wrong_drug"

REFUSALS: dict[str, dict[str, str]] = {
    "SignIn": {"POST": "authentication_failed second_factor_missing second_factor_needed"},
    "Refresh": {"POST": "signed_out"},
    "SignOut": {"POST": "signed_out"},
    "TextHook": {"POST": "forged"},
    "EmailHook": {"POST": "forged"},
    "Board": {"GET": "not_found"},
    "Absences": {"POST": "not_found"},
    "BreakGlass": {"POST": "not_found"},
    "BrokenGlassReview": {"POST": "own_glass reviewed"},
    "ConsentWithdrawal": {"POST": "already_withdrawn"},
    "Companions": {"GET": "not_found", "POST": "not_found"},
    "ConsultCancel": {"POST": "consult_over too_early"},
    "ConsultDone": {"POST": "consult_over too_early"},
    "Consults": {"GET": "not_found", "POST": "clinician_taken not_found patient_taken"},
    "Consents": {"GET": "not_found", "POST": "not_found"},
    "Contact": {"GET": "not_found", "PUT": "not_found"},
    "ContactConsents": {"POST": "not_found stopped"},
    "ContactWithdrawal": {"POST": "withdrawn"},
    "CustodyWitness": {"POST": "already_signed no_witness_needed own_entry"},
    "DeliveryReplay": {"POST": "webhook_off"},
    "HoldDetail": {"DELETE": ""},
    "Holds": {"POST": f"{BOOKING} not_found wrong_status"},
    "Locations": {"GET": "not_found", "POST": "not_found"},
    "MarketClock": {"POST": "not_a_demo"},
    "MessageAgain": {"POST": "not_dead"},
    "Messages": {"GET": "not_found"},
    "MyCalendarLink": {"GET": "not_found", "DELETE": "not_found"},
    "MyExport": {"GET": "not_found"},
    "MyKit": {"POST": "not_found"},
    "MyRoute": {"GET": "not_found"},
    "OrderConfirmation": {"POST": "not_to_confirm second_person"},
    "OrderWithdrawal": {"POST": "withdrawn"},
    "Orders": {"GET": "not_found", "POST": "not_found"},
    "PlanAccept": {"POST": "day_changed not_ready slot_taken wrong_status"},
    "PlanStop": {"POST": "not_running"},
    "Plans": {"POST": "not_found"},
    "ProtocolSignOff": {"POST": "version_changed"},
    "ProtocolVersions": {"POST": "version_too_old"},
    "PushSubscriptions": {"POST": "not_found"},
    "RepairAccept": {"POST": "day_changed not_ready slot_taken wrong_status"},
    "Repairs": {"POST": "not_found wrong_status"},
    "Responses": {"POST": "nothing_given not_found"},
    "Scores": {"POST": "not_found"},
    "ScreeningAnswers": {"GET": "not_found", "POST": "answers_invalid answers_too_old not_found"},
    "ScreeningClearance": {
        "POST": "answers_changed answers_too_old medication_open not_for_review"
    },
    "ScreeningMedication": {"POST": "not_for_review"},
    "Screenings": {"POST": "answers_invalid answers_too_old not_found"},
    "SeriesBook": {"POST": f"{BOOKING} already_booked hold_expired not_found phase_changed"},
    "SeriesCancel": {"POST": "busy not_booked wrong_status"},
    "SeriesDetail": {"DELETE": "already_booked"},
    "SeriesHold": {"POST": f"{BOOKING} busy no_series not_found phase_changed series_open"},
    "SeriesResponses": {"POST": "nothing_given"},
    "SeriesResume": {"POST": "busy not_cleared not_paused"},
    "ServiceAccounts": {"POST": "too_many_accounts"},
    "SharingConsents": {"GET": "not_found", "POST": "already_shared not_found"},
    "SharingWithdrawal": {"POST": "withdrawn"},
    "Slots": {"GET": "not_found"},
    "Superbill": {"GET": "not_completed wrong_status"},
    "Supervisions": {"POST": "not_found"},
    "TaskDone": {"POST": "ends_by_its_deed task_done"},
    "VerificationCorrections": {"POST": ""},
    "VialDiscrepancy": {"POST": f"{VIALS} not_found"},
    "Vials": {"POST": "vial_known"},
    "VisitAssign": {"POST": "busy rules_broken slot_taken wrong_status"},
    "VisitCancel": {"POST": "busy wrong_status"},
    "VisitCompanion": {"PUT": "busy wrong_status"},
    "VisitCoverage": {"POST": "busy wrong_status"},
    "VisitEvents": {"POST": f"{VIALS} busy event_differs wrong_status"},
    "VisitOverride": {
        "POST": "busy gate_is_hard gate_not_closed wrong_status",
        "DELETE": "busy wrong_status",
    },
    "VisitReadiness": {"POST": "busy wrong_status"},
    "VisitReschedule": {"POST": f"{BOOKING} busy hold_expired other_treatment wrong_status"},
    "VisitStep": {
        "POST": f"{VIALS} busy custody_open gate_closed not_discharged step_missing"
        " still_under_way too_early wrong_status"
    },
    "Visits": {"GET": "not_found", "POST": f"{BOOKING} hold_expired not_found"},
    "WebhookReplay": {"POST": "webhook_off"},
    "WebhookSecret": {"POST": "webhook_off"},
    "WebhookTest": {"POST": "webhook_off"},
    "Webhooks": {"POST": "too_many_webhooks"},
}


def codes_of(
    view: Any, method: str, *, has_body: bool, headers: set[str], path: str
) -> dict[int, list[str]]:
    """Return the codes that an operation may refuse with, by status, in order.

    ``headers`` are the names of those that it reads; ``path`` has braces where it takes a value.
    """
    door = type(view).__name__
    codes = {"invalid", "not_acceptable", "too_many_requests", "unavailable"}
    codes |= set(REFUSALS.get(door, {}).get(method, "").split())
    if POLICY.get(door, {}).get(method) is not ANYONE:
        codes |= {"not_authenticated", "token_not_valid", "authentication_failed"}
        codes |= {"permission_denied"}
    if "{" in path:
        codes |= {"not_found"}
    if method in WRITES:
        codes |= {"conflict"}
    if has_body or "Idempotency-Key" in headers:
        codes |= {"length_required", "parse_error", "too_large", "unsupported_media_type"}
    if "Idempotency-Key" in headers:
        codes |= {"in_flight", "key_reused"}
    if "If-Match" in headers:
        codes |= {"stale"}
    return _by_status(codes)


def _by_status(codes: set[str]) -> dict[int, list[str]]:
    statuses = sorted({CODES[code].status for code in codes})
    return {status: sorted(c for c in codes if CODES[c].status == status) for status in statuses}
