"""The consent, the price with what is owed when a visit does not take place, and the booking."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.channels import Language
from dispatch.domain.charges import share_of
from dispatch.domain.errors import Invalid
from dispatch.domain.protocol import Protocol
from dispatch.domain.texts import window
from dispatch.selectors.access import companion_for, patient_for
from dispatch.selectors.consents import has_consented
from dispatch.selectors.held import Held
from dispatch.selectors.series import series_seen_by
from dispatch.selectors.translating import Said, said
from dispatch.selectors.visits import visit_seen_by
from dispatch.services.booking import book_hold, book_series
from dispatch.services.consents import sign_consent
from web.book.new.address import Chosen, How
from web.book.new.held import COMPANION, chosen_companion, held_context, key_of, while_held
from web.book.new.way import Way, onward, shown, way_of
from web.guarding import Visitor
from web.refusals import said_of

HOUR = 3600
LONGEST_LINE = 200
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Fee:
    """What is owed of one visit's price: called off from ``hours`` on before it, until ``below``;
    or broken off for one of ``reasons``."""

    hours: int
    below: int | None
    percent: int
    cents: int
    reasons: tuple[Said, ...] = ()


@while_held
def consent(request: HttpRequest, visitor: Visitor, way: Way, held: Held) -> HttpResponse:
    """Have the treatment's consent read and signed; one that stands is not asked for again."""
    if _has_consented(visitor, way, held):
        return onward(way.to("price", held_id=held.id))
    if request.method == "POST":
        try:
            _sign(request, visitor, way.protocol)
        except Invalid as refusal:
            return _consent(request, visitor, way, held, refusal=refusal)
        return onward(way.to("price", held_id=held.id))
    return _consent(request, visitor, way, held)


@while_held
def price(request: HttpRequest, visitor: Visitor, way: Way, held: Held) -> HttpResponse:
    """Show what it costs and when what is owed; the button below it books, once."""
    if not _has_consented(visitor, way, held):
        return onward(way.to("consent", held_id=held.id))
    if request.method == "POST":
        try:
            booked = _book(request, visitor, way, held)
        except Invalid as refusal:
            return _price(request, visitor, way, held, refusal=refusal)
        request.session.pop(COMPANION, None)
        return onward(way.to("done", booked_id=booked))
    return _price(request, visitor, way, held)


def done(request: HttpRequest, visitor: Visitor, booked_id: UUID, chosen: Chosen) -> HttpResponse:
    """Show what was booked, what comes next and what to prepare."""
    way, language = way_of(visitor, chosen), Language(visitor.language)
    if way.how is How.SERIES:
        lines = series_seen_by(visitor.by, booked_id, now=visitor.now).infusions
        windows = [(one.start, one.window_end) for one in lines]
        ids = [one.visit for one in lines if one.visit]
        booked = f"/book/series/{booked_id}"
    else:
        visit = visit_seen_by(visitor.by, booked_id, now=visitor.now)
        windows, ids = [(visit.window.start, visit.window.end)], [visit.id]
        booked = f"/book/visits/{booked_id}"
    first = visit_seen_by(visitor.by, ids[0], now=visitor.now) if ids else None
    return shown(
        request,
        "done",
        "done",
        way=way,
        booked=booked,
        windows=[window(start, end, language) for start, end in windows],
        instructions=way.protocol.instructions_in(language, way.kind),
        readiness=[said(one.text, visitor.language) for one in way.protocol.readiness],
        rule=way.protocol.companion_rule(way.kind),
        named=first is not None and first.companion is not None,
        question_days=way.protocol.visit_questions_s // (24 * HOUR),
        office=way.location.market.office_phone,
    )


def _has_consented(visitor: Visitor, way: Way, held: Held) -> bool:
    until = held.windows[-1].window_end
    return has_consented(visitor.by, way.protocol, until, now=visitor.now)


def _sign(request: HttpRequest, visitor: Visitor, protocol: Protocol) -> None:
    name, version = request.POST.get("name", "").strip(), request.POST.get("text_version", "")
    faults = {}
    if not name or len(name) > LONGEST_LINE:
        faults["signature"] = said_of("own_name")
    if "agree" not in request.POST:
        faults["agree"] = said_of("agree")
    if faults:
        raise Invalid(faults)
    sign_consent(
        protocol_code=protocol.code,
        text_version=_number(version, "text_version"),
        name=name,
        by=visitor.by,
        now=visitor.now,
    )


def _book(request: HttpRequest, visitor: Visitor, way: Way, held: Held) -> UUID:
    shown_price = _number(request.POST.get("price_cents", ""), "price_cents")
    named = None
    if way.protocol.companion_rule(way.kind) is not None:
        named = chosen_companion(request, visitor.by)
    common: dict[str, Any] = {
        "companion_id": named,
        "price_cents": shown_price,
        "by": visitor.by,
        "now": visitor.now,
    }
    if way.how is How.VISIT:
        return book_hold(held.id, key=key_of(held.id), **common)
    book_series(held.id, **common)
    return held.id


def _consent(
    request: HttpRequest, visitor: Visitor, way: Way, held: Held, **more: Any
) -> HttpResponse:
    text = way.protocol.consent.text
    return shown(
        request,
        "consent",
        "price",
        text=text,
        translated=said(text, visitor.language),
        **held_context(visitor, way, held),
        **more,
    )


def _price(
    request: HttpRequest, visitor: Visitor, way: Way, held: Held, **more: Any
) -> HttpResponse:
    named = chosen_companion(request, visitor.by)
    return shown(
        request,
        "price",
        "price",
        total_cents=held.price_cents * len(held.windows),
        cancel_fees=_cancel_fees(way.protocol),
        aborts=_aborts(way.protocol, visitor.language),
        companion=None if named is None else companion_for(visitor.by, named).name,
        rule=way.protocol.companion_rule(way.kind),
        patient=patient_for(visitor.by, None).name,
        **held_context(visitor, way, held),
        **more,
    )


def _cancel_fees(protocol: Protocol) -> list[Fee]:
    """The rows as spans of notice, the longest first."""
    rows = sorted(protocol.cancel_fees, key=lambda fee: fee.notice_s, reverse=True)
    above = [None, *(fee.notice_s // HOUR for fee in rows)]
    return [
        Fee(fee.notice_s // HOUR, below, fee.percent, share_of(protocol.price_cents, fee.percent))
        for fee, below in zip(rows, above, strict=False)
    ]


def _aborts(protocol: Protocol, language: str) -> list[Fee]:
    """The reasons for which a visit breaks off, together by what is then owed."""
    reasons = sorted(protocol.abort_reasons, key=lambda one: one.fee_percent)
    return [
        Fee(0, None, percent, share_of(protocol.price_cents, percent),
            tuple(said(one.text, language) for one in some))
        for percent, some in groupby(reasons, key=lambda one: one.fee_percent)
    ]  # fmt: skip


def _number(sent: str, field: str) -> int:
    if not (sent.isascii() and sent.isdecimal() and len(sent) < LONGEST_NUMBER):
        raise Invalid({field: said_of("as_shown")})
    return int(sent)
