"""What administrators read: how treatments are signed off."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.selectors.clock import zone_of
from dispatch.selectors.office import signed_versions
from web.guarding import Visitor
from web.languages import words


def protocols(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show every version with its signatures and what it lacks."""
    context = {
        "words": words("office"),
        "versions": signed_versions(visitor.by),
        "zone": zone_of(visitor.by.market_id),
    }
    return render(request, "web/office/protocols.html", context)
