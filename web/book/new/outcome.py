"""What the answers come to, in plain words, and what can be done next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dispatch.selectors.access import patient_for
from dispatch.selectors.clearance import latest_judgement, standing
from dispatch.selectors.screening import progress_seen_by
from dispatch.selectors.translating import said
from dispatch.selectors.verdicts import screening_seen_by
from dispatch.services.screening import keep_answers
from web.book.new.address import Chosen
from web.book.new.questions import crisis_of
from web.book.new.way import Way, onward, shown, way_of
from web.guarding import Visitor


def outcome(request: HttpRequest, visitor: Visitor, chosen: Chosen) -> HttpResponse:
    """Say whether the patient is cleared, waits for a clinician, or cannot be treated so.

    Answers that were all given for another treatment are judged for this one when asked to.
    """
    way = way_of(visitor, chosen)
    progress = progress_seen_by(visitor.by, None, way.protocol.code, now=visitor.now)
    if progress.next is not None:
        return onward(way.to("questions"))
    if request.method == "POST":
        keep_answers(
            patient_id=None,
            protocol_code=way.protocol.code,
            answers={},
            by=visitor.by,
            now=visitor.now,
        )
        return onward(way.to("outcome"))
    return _shown(request, visitor, way, progress.questions)


def _shown(request: HttpRequest, visitor: Visitor, way: Way, total: int) -> HttpResponse:
    patient = patient_for(visitor.by, None)
    latest = latest_judgement(patient.id, way.protocol.code)
    result = None if latest is None else screening_seen_by(visitor.by, latest.id)
    cleared = standing(patient.id, way.protocol.code, now=visitor.now)
    return shown(
        request,
        "outcome",
        "questions",
        way=way,
        result=result,
        cleared=cleared,
        reasons=[said(one.text, visitor.language) for one in (result.reasons if result else ())],
        crisis=crisis_of(visitor, way),
        times=way.to("times"),
        last=way.to("question", number=total),
        office=patient.market.office_phone,
    )
