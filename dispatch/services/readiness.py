"""Confirming that all is ready: the nurse's kit for her shift, the place for a visit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, schedule
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.gates import check_gates_stand
from dispatch.domain.people import Actor
from dispatch.domain.sentences import Sentence
from dispatch.domain.visit import Status
from dispatch.models import HomeCheck, KitCheck, Shift
from dispatch.selectors.access import visit_for
from dispatch.selectors.preparations import kit_of_day
from dispatch.selectors.protocols import protocol_of


@transaction.atomic
def confirm_kit(day: date, items: Collection[str], *, by: Actor, now: datetime) -> None:
    """The nurse says what she has with her that day; what she said before no longer counts.

    Raises Invalid for a day without a shift of hers, or an item that no visit of it asks for.
    """
    if by.person_id is None:
        raise NotFound("nurse")
    shift = Shift.objects.filter(nurse_id=by.person_id, service_date=day).first()
    if shift is None or shift.end_at <= now:
        raise Invalid({"date": "You have no shift to come on this day."})
    schedule.lock({shift.id}, now=now)
    _check_asked(items, {line.code for line in kit_of_day(shift.id, now=now)})
    check = KitCheck.objects.create(
        market_id=shift.market_id,
        shift=shift,
        number=KitCheck.objects.filter(shift=shift).count() + 1,
        items=sorted(set(items)),
        at=now,
        by_id=by.user_id,
    )
    audit.note(by, "confirm", "kit_check", check.id, now=now)


@transaction.atomic
def confirm_home(visit_id: UUID, items: Collection[str], *, by: Actor, now: datetime) -> None:
    """Somebody says what the place has for this visit; what was said before no longer counts.

    Raises Invalid for an item that the treatment does not ask for, Conflict ``wrong_status`` once
    the infusion has begun.
    """
    visit_for(by, visit_id)
    visit = schedule.lock_visit(visit_id, now=now)
    check_gates_stand(Status(visit.status))
    _check_asked(items, {item.code for item in protocol_of(visit.protocol_id).readiness})
    check = HomeCheck.objects.create(
        market_id=visit.market_id,
        visit=visit,
        location_id=visit.location_id,
        move=visit.moves,
        number=HomeCheck.objects.filter(visit=visit).count() + 1,
        items=sorted(set(items)),
        at=now,
        by_id=by.user_id,
    )
    audit.note(by, "confirm", "home_check", check.id, now=now)


def _check_asked(items: Collection[str], asked: Collection[str]) -> None:
    unknown = sorted(set(items) - set(asked))
    if unknown:
        told = Sentence("Nothing asks for {items}.", items=", ".join(unknown))
        raise Invalid({"items": told})
