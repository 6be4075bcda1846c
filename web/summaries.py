"""The page behind the link that a patient's physician or mental-health provider was sent."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dispatch import tenancy
from dispatch.domain.errors import NotFound
from dispatch.selectors.sharing import shared_summary
from dispatch.services.sharing import note_look


@never_cache
@require_safe
@tenancy.everywhere()
def summary(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the summary while the patient's consent stands; every look is noted."""
    try:
        found = shared_summary(secret)
    except NotFound:
        return render(request, "web/summary_closed.html", status=404)
    note_look(found.market_id, found.message_id, now=found.now)
    return render(request, "web/summary.html", {"summary": found})
