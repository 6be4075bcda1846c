"""The waiting list for a treatment that cannot be given at a place yet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from dispatch.domain.channels import Language
from dispatch.domain.errors import Invalid
from dispatch.domain.waiting import Unserved
from dispatch.selectors.serving import waiting_at, waiting_terms, why_unserved
from dispatch.services.waiting import join_waiting_list, leave_waiting_list
from web.book.new.address import Chosen
from web.book.new.way import Way, onward, shown, way_of
from web.guarding import Visitor
from web.refusals import said_of

LONGEST_NUMBER = 6


def waiting(request: HttpRequest, visitor: Visitor, chosen: Chosen) -> HttpResponse:
    """Say why it cannot be, and put the patient on the list who agrees to it."""
    way = way_of(visitor, chosen)
    if request.method == "POST":
        try:
            _change(request, visitor, way)
        except Invalid as refusal:
            return _shown(request, visitor, way, refusal=refusal)
        return onward(way.to("waiting"))
    return _shown(request, visitor, way)


def _change(request: HttpRequest, visitor: Visitor, way: Way) -> None:
    if "leave" in request.POST:
        leave_waiting_list(
            way.location.id, protocol_code=way.protocol.code, by=visitor.by, now=visitor.now
        )
        return
    version = request.POST.get("text_version", "")
    if "agree" not in request.POST or not _is_number(version):
        raise Invalid({"agree": said_of("agree")})
    join_waiting_list(
        way.location.id,
        protocol_code=way.protocol.code,
        because=_because(visitor, way),
        language=Language(visitor.language),
        text_version=int(version),
        by=visitor.by,
        now=visitor.now,
    )


def _because(visitor: Visitor, way: Way) -> Unserved:
    return why_unserved(way.location, way.protocol, now=visitor.now) or Unserved.NO_TIMES


def _shown(request: HttpRequest, visitor: Visitor, way: Way, **more: Any) -> HttpResponse:
    return shown(
        request,
        "waiting",
        "what",
        way=way,
        because=_because(visitor, way),
        entry=waiting_at(visitor.by, way.location.id, way.protocol.code),
        terms=waiting_terms(Language(visitor.language)),
        **more,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER
