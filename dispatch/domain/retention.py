"""How long what is kept is kept, and why: one line for every table.

What is part of the medical record, of the custody of controlled drugs or of what a payer may ask
for is kept: states ask for years, and differ. It is never deleted by the service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from dispatch.domain.sessions import LONGEST, LONGEST_OF_TOKENS

DAY = timedelta(days=1)
LONGEST_SIGN_IN = max(LONGEST, *LONGEST_OF_TOKENS.values())


@dataclass(frozen=True, slots=True)
class Term:
    """Rows of ``table`` go ``after`` the time in ``since``; those alone that are ``where``.

    An installation may set another term, but none under ``least``.
    """

    table: str
    since: str
    after: timedelta
    why: str
    where: Mapping[str, object] = field(default_factory=dict)
    least: timedelta = DAY


TERMS = (
    Term("dispatch.IdempotencyRecord", "created_at", 2 * DAY, "keys hold for a day", least=2 * DAY),
    Term(
        "dispatch.SpentToken",
        "spent_at",
        2 * DAY,
        "the token itself has run out by then",
        least=2 * DAY,
    ),
    Term(
        "dispatch.SpentCode", "spent_at", 2 * DAY, "no such code is taken any more", least=2 * DAY
    ),
    Term("dispatch.KnownAddress", "seen_at", 30 * DAY, "lets in for so long"),
    Term("dispatch.Invitation", "expires_at", DAY, "opens nothing any more"),
    Term("dispatch.LimitCount", "until", DAY, "counting has begun anew"),
    Term("dispatch.ScreenSession", "seen_at", 30 * DAY, "to look into a stolen session"),
    Term(
        "dispatch.SignIn",
        "begun_at",
        LONGEST_SIGN_IN + 30 * DAY,
        "has ended, if by its age alone; then 30 days to look into a stolen token",
        least=LONGEST_SIGN_IN + DAY,
    ),
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
    Term(
        "dispatch.CalendarEntry",
        "ends_at",
        400 * DAY,
        "no phone asks for it any more",
        least=400 * DAY,
    ),
    Term("axes.AccessAttempt", "attempt_time", 90 * DAY, "to look into an attack"),
    Term("axes.AccessLog", "attempt_time", 90 * DAY, "to look into an attack"),
    Term("axes.AccessFailureLog", "attempt_time", 90 * DAY, "to look into an attack"),
)

WRITTEN = re.compile(r"(?P<table>[\w.]+)=(?P<days>\d{1,5})")


def parse_terms(text: str) -> Mapping[str, timedelta]:
    """Return the terms of an installation's own, written ``table=days,…``.

    Raises ValueError for one that cannot be read, of a table without a term, or that is too short:
    a key, a code or a token that is forgotten too early could be used again.
    """
    known = {term.table: term for term in TERMS}
    terms = {}
    for row in filter(None, (part.strip() for part in text.split(","))):
        found = WRITTEN.fullmatch(row)
        if found is None or found["table"] not in known:
            raise ValueError(f"RETENTION_DAYS has no row {row!r}: write table=days.")
        after, least = int(found["days"]) * DAY, known[found["table"]].least
        if after < least:
            raise ValueError(f"RETENTION_DAYS: {row!r} is under {least.days} days.")
        terms[found["table"]] = after
    return terms


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
        "WaitingEntry MessageAttempt InboundText TextReply SignOff CalendarLink "
        "BrokenGlass AuditUnsealed AuditSeal AuditCheck",
        WORK: "Market Protocol Questionnaire Shift ShiftRule ShiftException Absence PlanJob "
        "Supervision CarrierLine DeliveryEngine VisitTransition WebhookEndpoint RetentionRun "
        "ServiceAccount",
    }.items()
    for name in names.split()
}
"""Holds end by themselves; a series, a task and a time taken go with the visit."""
