"""Makes a visit ready to depart: papers, companion, kit, home and price, gate by gate or all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dispatch.domain.gates import CompanionAnswer, Gate
from dispatch.domain.people import Actor, Role
from dispatch.models import CompanionRequest, Patient, Reservation, Visit
from dispatch.selectors.gates import gates_of
from dispatch.selectors.preparations import kit_of_day
from dispatch.selectors.protocols import protocol_of
from dispatch.services.companions import answer_as_companion, name_companion
from dispatch.services.consents import sign_consent
from dispatch.services.coverage import show_price
from dispatch.services.message_plans import ask_companion
from dispatch.services.orders import sign_order
from dispatch.services.readiness import confirm_home, confirm_kit
from dispatch.services.screening import record_screening
from tests.answers import CLEARED
from tests.builders import KETAMINE, NOW, World


def make_ready(world: World, visit_id: UUID, *, infusions: int = 6, now: datetime = NOW) -> None:
    """Open every gate of an assigned visit, so that its nurse may set out."""
    patient = Patient.objects.get(visits=visit_id)
    signs = Actor(patient.user_id, Role.PATIENT, world.market.id, patient.id)
    sign_papers(world, signs, infusions=infusions, now=now)
    confirm_companion(world, visit_id, now=now)
    prepare(world, visit_id, now=now)


def sign_papers(
    world: World,
    patient: Actor | None = None,
    *,
    code: str = KETAMINE,
    infusions: int = 6,
    now: datetime = NOW,
) -> None:
    """Screening, consent and order; Alice's unless another patient is named."""
    patient = patient or world.alice
    record_screening(patient_id=None, protocol_code=code, answers=CLEARED, by=patient, now=now)
    sign_consent(protocol_code=code, text_version=1, name="Alice A.", by=patient, now=now)
    sign_order(
        patient_id=patient.person_id, protocol_code=code, infusions=infusions,
        dose_ug_per_kg=500, by=world.dora, now=now,
    )  # fmt: skip


def confirm_companion(world: World, visit_id: UUID, *, now: datetime = NOW) -> None:
    """Whoever is named, or else Carl, is asked and says yes."""
    visit = Visit.objects.get(id=visit_id)
    if visit.companion_id is None:
        owner = Actor(world.bob.user_id, Role.PATIENT, world.market.id, visit.patient_id)
        carl = world.companion(owner)
        name_companion(visit_id, carl.id, expected_version=None, by=world.bob, now=now)
    ask_companion(visit_id, now=now)
    asked = CompanionRequest.objects.get(visit=visit, replaced_at__isnull=True)
    answer_as_companion(asked.secret, CompanionAnswer.CONFIRMED, now=now)


def prepare(world: World, visit_id: UUID, *, now: datetime = NOW) -> None:
    """The nurse has her kit, the place is ready, and the price was shown."""
    visit = Visit.objects.get(id=visit_id)
    protocol = protocol_of(visit.protocol_id)
    pack(Reservation.objects.get(visit=visit), now=now)
    confirm_home(visit_id, [item.code for item in protocol.readiness], by=world.bob, now=now)
    show_price(visit_id, protocol.price_cents, by=world.bob, now=now)


def pack(held: Reservation, *, now: datetime = NOW) -> None:
    """The nurse confirms all that the visits on this shift of hers ask for."""
    by = Actor(held.nurse.user_id, Role.NURSE, held.market_id, held.nurse_id)
    items = [line.code for line in kit_of_day(held.shift_id, now=now)]
    confirm_kit(held.shift.service_date, items, by=by, now=now)


def look(visit_id: UUID, now: datetime = NOW) -> dict[str, Gate]:
    """The gates of the visit by their names."""
    return {one.name.value: one for one in gates_of(Visit.objects.get(id=visit_id), now=now)}


def shut(visit_id: UUID, now: datetime = NOW) -> set[str]:
    """The names of those that are not open."""
    return {name for name, gate in look(visit_id, now).items() if not gate.open}
