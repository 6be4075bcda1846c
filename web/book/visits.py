"""One visit of the patient's: its timeline, and what opens its gates."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from dispatch.domain.gates import GateName
from dispatch.domain.people import Role
from dispatch.domain.symptoms import LONGEST_REPORT, Haste
from dispatch.selectors.gates import visit_questions_seen_by
from dispatch.selectors.own_visit import own_visit
from dispatch.selectors.people import companions_of
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.selectors.translating import said
from dispatch.services.companions import add_companion, name_companion
from dispatch.services.consents import sign_consent
from dispatch.services.coverage import show_price
from dispatch.services.readiness import confirm_home
from dispatch.services.screening import keep_answers
from dispatch.services.symptoms import report_symptom
from web.book.answering import answers_in, haste_in, name_in, phone_in
from web.book.forms import (
    REFUSALS,
    Context,
    gone_to,
    id_in,
    language_of,
    number_in,
    shown,
    version_in,
    visit_at,
)
from web.guarding import Visitor
from web.languages import words

OPENED_AT = {
    GateName.CLEARANCE: "questions",
    GateName.CONSENT: "consent",
    GateName.COMPANION: "companion",
    GateName.HOME: "place",
    GateName.COVERAGE: "price",
}
"""Where the patient can open a gate; the others are opened by others."""
NEAR_MS, FAR_MS = 8_000, 60_000
"""How often a page looks for news: when the nurse may be on her way, and before."""


def visit(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show the visit from booking to the day after; or say that it is as it was when the page was
    given its mark, so that a page that stays open is one look until something changes."""
    seen = _seen(visitor, visit_id)
    mark = _mark(visitor, seen)
    same = get_conditional_response(request, etag=mark)
    if same is not None:
        return same
    told_later = {"lost_touch": words("book")["lost_touch"]}
    answer = shown(request, "visit", seen | {"live_words": told_later, "mark": mark})
    answer["ETag"] = mark
    return answer


def place(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """The patient says what the place has."""
    items = request.POST.getlist("items")
    confirm_home(visit_id, items, by=visitor.by, now=visitor.now)
    return gone_to(f"{visit_at(visit_id)}#waits")


def price(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """The patient has seen the price."""
    cents = number_in(request, "price_cents")
    show_price(visit_id, cents, by=visitor.by, now=visitor.now)
    return gone_to(f"{visit_at(visit_id)}#waits")


def companion(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Name who stays or drives: somebody known, or somebody new."""
    seen = _seen(visitor, visit_id)
    seen["companions"] = companions_of(visitor.by, None).order_by("id")
    if request.method != "POST":
        return shown(request, "companion", seen)
    try:
        chosen = _companion(request, visitor)
        name_companion(
            visit_id, chosen, expected_version=version_in(request), by=visitor.by, now=visitor.now
        )
    except REFUSALS as refusal:
        return shown(request, "companion", seen, refusal)
    return gone_to(f"{visit_at(visit_id)}#waits")


def _companion(request: HttpRequest, visitor: Visitor) -> UUID:
    if request.POST.get("companion") != "new":
        return id_in(request, "companion")
    return add_companion(
        patient_id=None,
        name=name_in(request),
        phone=phone_in(request),
        by=visitor.by,
        now=visitor.now,
    )


def questions(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """The questions before this visit: answered, judged, and help shown where it is called for."""
    asked = visit_questions_seen_by(visitor.by, visit_id, now=visitor.now)
    seen = _seen(visitor, visit_id) | {"asked": asked}
    if request.method != "POST":
        return shown(request, "questions", seen)
    try:
        kept = keep_answers(
            patient_id=None,
            protocol_code=asked.protocol,
            answers=answers_in(request, asked.questions),
            by=visitor.by,
            now=visitor.now,
        )
    except REFUSALS as refusal:
        return shown(request, "questions", seen, refusal)
    return gone_to(f"{visit_at(visit_id)}/help" if kept.crisis else f"{visit_at(visit_id)}#waits")


def consent(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """The patient reads what they agree to, and signs by name."""
    seen = _seen(visitor, visit_id)
    code = own_visit(visitor.by, visit_id, language_of(visitor), now=visitor.now).visit.protocol
    protocol = protocol_of(bookable_row(visitor.by.market_id, code).id)
    seen["consent"] = protocol.consent
    seen["translated"] = said(protocol.consent.text, visitor.language)
    if request.method != "POST":
        return shown(request, "consent", seen)
    try:
        sign_consent(
            protocol_code=protocol.code,
            text_version=number_in(request, "text_version"),
            name=name_in(request),
            by=visitor.by,
            now=visitor.now,
        )
    except REFUSALS as refusal:
        return shown(request, "consent", seen, refusal)
    return gone_to(f"{visit_at(visit_id)}#waits")


def symptom(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """The patient tells how they are; who is in danger sees at once where help is to be had."""
    seen = _seen(visitor, visit_id) | {"hastes": list(Haste), "longest": LONGEST_REPORT}
    if request.method != "POST":
        return shown(request, "symptom", seen)
    try:
        haste = haste_in(request)
        text = request.POST.get("text", "")
        report_symptom(visit_id, haste, text, by=visitor.by, now=visitor.now)
    except REFUSALS as refusal:
        return shown(request, "symptom", seen, refusal)
    return gone_to(f"{visit_at(visit_id)}/told")


def told(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Say what follows from a report, and whom to call meanwhile."""
    return shown(request, "told", _seen(visitor, visit_id))


def help_now(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show where help is to be had at any hour."""
    return shown(request, "help", _seen(visitor, visit_id))


def _mark(visitor: Visitor, seen: Context) -> str:
    """Of all that the page tells, and of its language."""
    told = f"{seen['own']!r} {visitor.language}"
    return f'"{blake2b(told.encode(), digest_size=16).hexdigest()}"'


def _seen(visitor: Visitor, visit_id: UUID) -> Context:
    own = own_visit(visitor.by, visit_id, language_of(visitor), now=visitor.now)
    theirs = [gate.name for gate in own.waits if gate.resolver is Role.PATIENT]
    opened_at = {name: OPENED_AT[name] for name in theirs}
    return {
        "own": own,
        "opened_at": opened_at,
        "office_phone": own.office_phone,
        "every_ms": NEAR_MS if own.near else FAR_MS,
    }
