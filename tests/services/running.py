"""Days on which something happens at the door, for tests: facts written, then the day re-timed."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.domain.people import Actor
from dispatch.models import LocalMessage, Market, Message, Visit
from dispatch.models.clock import database_now
from dispatch.services.assignment import assign_visit
from dispatch.services.running import retime_day
from tests.builders import NOW, WASHINGTON, World, at
from tests.door import suppose_told
from workers import work

NEAR = [(WASHINGTON[0] + 0.02 * step, WASHINGTON[1]) for step in range(5)]
COURSE = {
    "departed_at": "en_route",
    "arrived_at": "arrived",
    "infusion_started_at": "in_treatment",
    "infusion_ended_at": "recovering",
    "discharged_at": "recovering",
    "completed_at": "completed",
}
STEPS = {
    "departed_at": "depart",
    "arrived_at": "arrive",
    "infusion_started_at": "start-infusion",
    "infusion_ended_at": "end-infusion",
    "completed_at": "complete",
}
SERVICE = timedelta(minutes=130)
"""20 to set up, 40 of infusion, 60 of recovery, 10 to pack: see ketamine.json."""


def booked(world: World, name: str, start: datetime, place: int, **more: object) -> Visit:
    """A visit of a patient by this name, with its nurse."""
    patient = world.patient(name)
    visit_id = world.book(world.home(patient, NEAR[place]), patient, start, **more)
    assign_visit(visit_id, now=NOW)
    return Visit.objects.get(id=visit_id)


def happened(visit: Visit, *, extended: int = 0, **facts: datetime) -> None:
    """Write what has happened at the door since, each step through its status; minutes added."""
    row = Visit.objects.filter(id=visit.id)
    for name, status in COURSE.items():
        if name in facts and getattr(row.get(), name) is None:
            if row.get().status != status:
                suppose_told(row.get(), facts[name], STEPS[name])
                row.update(status=status)
            row.update(**{name: facts[name]})
    Visit.objects.filter(id=visit.id).update(recovery_extended_s=extended * 60)


def heard(visit: Visit, now: datetime, **facts: object) -> None:
    """The same, and the day re-timed."""
    happened(visit, **facts)
    retime_day(visit.id, now=now)


def resting(visit: Visit, start: datetime) -> dict[str, datetime]:
    """The facts of a visit that goes by its protocol up to the end of the infusion."""
    return {
        "departed_at": start - timedelta(minutes=5),
        "arrived_at": start,
        "infusion_started_at": start + timedelta(minutes=20),
        "infusion_ended_at": start + timedelta(minutes=60),
    }


def times(visit: Visit) -> tuple[datetime, datetime]:
    """When the visit is now expected to begin and to end."""
    held = Visit.objects.select_related("reservation").get(id=visit.id).reservation
    return held.start_at, held.end_at


def drive(visit: Visit) -> timedelta:
    held = Visit.objects.select_related("reservation").get(id=visit.id).reservation
    return held.start_at - held.leave_at


def run_workers(now: datetime) -> None:
    Market.objects.update(clock_offset=now - database_now())
    work.do_all()


def told(visit: Visit, audience: str = "patient") -> list[str]:
    """The texts in which somebody was told a new start, in the order in which they went out."""
    sent = Message.objects.filter(
        visit=visit, audience=audience, named_start__isnull=False, state="sent"
    )
    return [
        LocalMessage.objects.get(key=str(one.id)).body for one in sent.order_by("sent_at", "id")
    ]


def a_day(world: World) -> tuple[Actor, Visit, Visit, Visit]:
    """Nina has Amy at nine, Ben right behind her at half past eleven, Cid with slack at three."""
    nina = world.nurse("nina", NEAR[0])
    world.shift(nina, ends=19)
    return (
        nina,
        booked(world, "amy", at(9), 1),
        booked(world, "ben", at(11, 30), 2),
        booked(world, "cid", at(15), 3),
    )
