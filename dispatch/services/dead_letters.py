"""Sending a message again that was given up; the rules judge it anew as it is begun."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit, tasking
from dispatch.domain.errors import Conflict
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor
from dispatch.domain.tasks import TaskKind
from dispatch.models import Message, Visit
from dispatch.selectors.access import message_for

SENT_AGAIN = "sent_again"


@transaction.atomic
def send_again(message_id: UUID, *, by: Actor, now: datetime) -> UUID:
    """Have a dead message sent from its first way on, and return the id of the new one.

    To a provider the old one stays refused or accepted under its key: what is to arrive is
    another message. Raises NotFound; Conflict ``not_dead``, also where it was sent again before.
    """
    visit_id = message_for(by, message_id).visit_id
    visit = Visit.objects.select_for_update(no_key=True).get(id=visit_id)
    old = Message.objects.select_for_update().get(id=message_id)
    if old.state != "dead":
        raise Conflict("not_dead", "Only a message that was given up can be sent again.")
    old.state, old.state_because = "withdrawn", SENT_AGAIN
    old.save(update_fields=["state", "state_because"])
    new = Message.objects.create(
        id=new_id(),
        market_id=old.market_id,
        visit=visit,
        kind=old.kind,
        audience=old.audience,
        person_id=old.person_id,
        about_id=old.about_id,
        template=old.template,
        move=old.move,
        due_at=now,
    )
    tasking.close_task(TaskKind.MESSAGE_UNDELIVERED, old.id, by=by, outcome="Sent again.", now=now)
    audit.note(by, "send_again", "message", new.id, now=now)
    return new.id
