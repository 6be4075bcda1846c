"""How long what is kept is kept, and why: one line for every table.

What is part of the medical record, of the custody of controlled drugs or of what a payer may ask
for is kept: states ask for years, and differ. It is never deleted by the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """Rows of ``table`` go ``after`` the time in ``since``; those alone that are ``where``."""

    table: str
    since: str
    after: timedelta
    why: str
    where: Mapping[str, object] = field(default_factory=dict)


TERMS = (
    Term("dispatch.IdempotencyRecord", "created_at", 2 * DAY, "keys hold for a day"),
    Term("dispatch.SpentToken", "spent_at", 2 * DAY, "the token itself has run out after hours"),
    Term("dispatch.SpentCode", "spent_at", 2 * DAY, "no code of that step is taken any more"),
    Term("dispatch.LimitCount", "until", DAY, "counting has begun anew"),
    Term("dispatch.ScreenSession", "seen_at", 30 * DAY, "to look into a stolen session"),
    Term("dispatch.SignIn", "ended_at", 30 * DAY, "to look into a stolen token"),
    Term("dispatch.LocalMessage", "accepted_at", 90 * DAY, "a stand-in: the try itself is kept"),
    Term("dispatch.ProviderReceipt", "received_at", 90 * DAY, "is written on the try as well"),
    Term(
        "dispatch.WebhookDelivery",
        "occurred_at",
        30 * DAY,
        "customers may have it again for so long",
        {"state__in": ("sent", "dead")},
    ),
    Term("dispatch.OutboxEvent", "done_at", 90 * DAY, "replays of webhooks read them"),
    Term("dispatch.PushSubscription", "gone_at", 30 * DAY, "the browser is gone"),
    Term("dispatch.CalendarEntry", "ends_at", 400 * DAY, "no phone asks for it any more"),
    Term("axes.AccessAttempt", "attempt_time", 90 * DAY, "to look into an attack"),
    Term("axes.AccessLog", "attempt_time", 90 * DAY, "to look into an attack"),
    Term("axes.AccessFailureLog", "attempt_time", 90 * DAY, "to look into an attack"),
)

RECORD = "the medical record"
CUSTODY = "the custody of controlled drugs"
PEOPLE = "who somebody is; erased on request"
PROOF = "proof of what was agreed, sent or done"
WORK = "how the market works; nothing of a patient"

KEPT: Mapping[str, str] = {
    f"dispatch.{name}": why
    for why, names in {
        RECORD: "Agreement Answer Clearance Consent Consult FieldEvent GateOverride "
        "GateOverrideEnd HomeCheck Order Response Score Screening Series Verification "
        "VerificationCorrection Visit Assignment Reservation Hold Task PriceShown",
        CUSTODY: "Vial CustodyEntry CustodySignature RefusedMovement KitCheck",
        PEOPLE: "User Patient Location Companion Nurse Licence Certificate Coverage",
        PROOF: "AuditEntry Erasure ContactConsent Stop SharingConsent CompanionRequest Message "
        "MessageAttempt InboundText TextReply SignOff CalendarLink "
        "BrokenGlass AuditUnsealed AuditSeal AuditCheck",
        WORK: "Market Protocol Questionnaire Shift ShiftRule ShiftException Absence PlanJob "
        "Supervision CarrierLine DeliveryEngine VisitTransition WebhookEndpoint RetentionRun "
        "ServiceAccount",
    }.items()
    for name in names.split()
}
"""Holds end by themselves; a series, a task and a time taken go with the visit."""
