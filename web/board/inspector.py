"""The inspector: one visit with all that is known of it, and what a dispatcher can do about it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.gates import GateName
from dispatch.selectors.access import message_for
from dispatch.services.cancellation import cancel_visit
from dispatch.services.dead_letters import send_again
from dispatch.services.overrides import override_gate, take_override_back
from web.board.answering import changed, conflict, reason_in, version_in
from web.board.inspecting import context_of
from web.board.telling import said
from web.guarding import Visitor


def inspector(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Show one visit, for the side of the board."""
    return render(request, "web/board/inspector.html", context_of(visitor, visit_id))


def cancel(request: HttpRequest, visitor: Visitor, visit_id: UUID) -> HttpResponse:
    """Call the visit off, if it is as it was when the dispatcher decided so."""
    reason, version = reason_in(request), version_in(request)
    charge = "waive" not in request.POST
    try:
        cancel_visit(
            visit_id, reason=reason, charge=charge, expected_version=version,
            by=visitor.by, now=visitor.now,
        )  # fmt: skip
    except Conflict as refusal:
        wanted = said("wanted_cancel", reason=reason)
        return conflict(request, visitor, visit_id, refusal, wanted)
    return changed(request, visitor, visit_id, said("done_cancel"))


def override(request: HttpRequest, visitor: Visitor, visit_id: UUID, gate: str) -> HttpResponse:
    """Let the visit go on through a soft gate, if it is as it was when they decided so."""
    reason, version = reason_in(request), version_in(request)
    try:
        override_gate(
            visit_id, _gate(gate), reason=reason, expected_version=version,
            by=visitor.by, now=visitor.now,
        )  # fmt: skip
    except Conflict as refusal:
        wanted = said("wanted_override", gate=said(f"gate__{gate}"), reason=reason)
        return conflict(request, visitor, visit_id, refusal, wanted)
    return changed(request, visitor, visit_id, said("done_override"))


def close_gate(request: HttpRequest, visitor: Visitor, visit_id: UUID, gate: str) -> HttpResponse:
    """Take the override of a gate back."""
    version = version_in(request)
    try:
        take_override_back(
            visit_id, _gate(gate), expected_version=version, by=visitor.by, now=visitor.now
        )
    except Conflict as refusal:
        wanted = said("wanted_close_gate", gate=said(f"gate__{gate}"))
        return conflict(request, visitor, visit_id, refusal, wanted)
    return changed(request, visitor, visit_id, said("done_close_gate"))


def resend(request: HttpRequest, visitor: Visitor, message_id: UUID) -> HttpResponse:
    """Send a message again that was given up."""
    visit_id = message_for(visitor.by, message_id).visit_id
    send_again(message_id, by=visitor.by, now=visitor.now)
    return changed(request, visitor, visit_id, said("done_resend"))


def _gate(name: str) -> GateName:
    try:
        return GateName(name)
    except ValueError as fault:
        raise NotFound("gate") from fault
