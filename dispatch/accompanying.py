"""Who stays with a patient or drives: the only code that names them and keeps their answer."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from dispatch import audit, outbox
from dispatch.domain.errors import Conflict, NotFound
from dispatch.domain.events import CompanionAnswered, CompanionNamed
from dispatch.domain.gates import CompanionAnswer
from dispatch.domain.visit import ENDED, Status
from dispatch.models import Companion, CompanionRequest, Visit


def name(visit: Visit, companion: Companion, *, now: datetime) -> None:
    """Name the companion of a locked visit; whoever was named before is replaced.

    What was asked of others is closed, and of the same person once they declined: whoever is named
    again is asked anew, and no answer of before counts.
    Raises Conflict ``wrong_status`` once the visit has ended.
    """
    if Status(visit.status) in ENDED:
        raise Conflict("wrong_status", "The visit has ended.", visit_status=visit.status)
    stands = Q(companion=companion) & ~Q(answer=CompanionAnswer.DECLINED.value)
    asked = CompanionRequest.objects.filter(visit=visit, replaced_at__isnull=True)
    asked.exclude(stands).update(replaced_at=now)
    visit.companion = companion
    visit.version += 1
    visit.save(update_fields=["companion", "version"])
    outbox.record(CompanionNamed(visit.id), market_id=visit.market_id, now=now)


def answer(
    found: QuerySet[CompanionRequest],
    said: CompanionAnswer,
    *,
    move: int | None = None,
    now: datetime,
) -> CompanionRequest:
    """Keep what the person of a request says; the last word counts until the visit ends, and the
    same word again was said when it was said first.

    ``found`` is the request, if it still stands; the visit is locked before it is looked at again.
    ``move`` is which of the visit's times they were asked about, where that is known. Raises
    NotFound for a request that is unknown or was replaced, Conflict ``moved`` where the visit has
    another time by now, ``wrong_status`` once it is over.
    """
    standing = found.filter(replaced_at__isnull=True)
    visit_id = standing.values_list("visit_id", flat=True).first()
    if visit_id is None:
        raise NotFound("request")
    visit = Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    request = standing.first()
    if request is None:
        raise NotFound("request")
    if Status(visit.status) in ENDED:
        raise Conflict("wrong_status", "The visit is over or was called off.")
    if move not in {None, visit.moves}:
        raise Conflict("moved", "The visit has moved: please look at the new time.")
    if (request.answer, request.move) != (said.value, visit.moves):
        request.answered_at = now
    request.answer, request.move = said.value, visit.moves
    request.save(update_fields=["answer", "answered_at", "move"])
    outbox.record(CompanionAnswered(visit.id), market_id=visit.market_id, now=now)
    audit.note_companion(request.market_id, said.value, request.id, now=now)
    return request
