"""A screening to decide on: the verdict and its reasons, the answers, clearing, medication."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.selectors.reviews import review_seen_by
from dispatch.services.medication import agree_last_dose
from dispatch.services.screening import clear_screening
from web.guarding import Visitor
from web.inbox.answering import lead, show
from web.inbox.reading import day, text


def screening(request: HttpRequest, visitor: Visitor, screening_id: UUID) -> HttpResponse:
    """Show one screening."""
    review = review_seen_by(visitor.by, screening_id, now=visitor.now)
    return show(request, visitor, "screening", review=review)


def clear(request: HttpRequest, visitor: Visitor, screening_id: UUID) -> HttpResponse:
    """Clear the patient."""
    clear_screening(screening_id, by=visitor.by, now=visitor.now)
    return lead(request, f"/inbox/screenings/{screening_id}", "cleared")


def agree(request: HttpRequest, visitor: Visitor, screening_id: UUID) -> HttpResponse:
    """Record the last dose that was agreed with the patient's own provider."""
    agree_last_dose(
        screening_id,
        rule_code=text(request, "rule"),
        last_dose_on=day(request, "last_dose_on"),
        agreed_with=text(request, "agreed_with"),
        by=visitor.by,
        now=visitor.now,
    )
    return lead(request, f"/inbox/screenings/{screening_id}", "agreed")
