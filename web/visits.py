"""The page behind the link in a patient's text: the visit as it is now, in their language."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dispatch import audit, tenancy
from dispatch.domain.channels import Language
from dispatch.domain.errors import Conflict, NotFound
from dispatch.selectors.visit_page import visit_page
from web.languages import shown


@never_cache
@require_safe
@tenancy.everywhere()
def visit(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what whoever holds the phone may see, and note it; 410 once the link has expired."""
    try:
        page = visit_page(secret)
    except NotFound:
        return shown(request, "visit_unknown", Language.ENGLISH.value, status=404)
    except Conflict as expired:
        return shown(request, "visit_expired", expired.facts["language"], status=410)
    audit.read_by_link(
        page.market_id, "patient", "GET visit page", "visit", page.visit_id, now=page.now
    )
    return shown(request, "visit", page.language, page=page)
