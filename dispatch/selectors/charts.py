"""A patient as the prescriber sees them: one treatment's course, and the orders for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatch.domain.people import Actor
from dispatch.models import Order, Screening, Series
from dispatch.selectors.access import patient_for
from dispatch.selectors.clearance import latest_judgement, standing
from dispatch.selectors.dashboard import Dashboard, dashboard_of_patient
from dispatch.selectors.orders import OrderLine, order_line, orders_seen_by
from dispatch.selectors.people import PatientLine, patient_line
from dispatch.selectors.protocols import OfferedProtocol, bookable


@dataclass(frozen=True, slots=True)
class TreatmentLine:
    """What may be ordered of a treatment: so many infusions, doses from ``least`` to ``most`` in
    micrograms for each kilogram, or none where nothing is dosed; for so many days."""

    id: UUID
    code: str
    name: str
    infusions: int
    least: int | None
    usual: int | None
    most: int | None
    days: int


@dataclass(frozen=True, slots=True)
class OrderCard:
    """``confirmable`` where it waits, and by this person, who did not sign it."""

    order: OrderLine
    own: bool
    confirmable: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """``treatment`` and ``course`` are None where the market offers no treatment at all."""

    patient: PatientLine
    treatments: list[TreatmentLine]
    treatment: TreatmentLine | None
    course: Dashboard | None
    orders: list[OrderCard]
    screening: UUID | None
    outcome: str | None
    cleared_until: datetime | None


def chart_of(by: Actor, patient_id: UUID, treatment_id: UUID | None, *, now: datetime) -> Chart:
    """Return the patient's course of a treatment; of the one they came for last if none is named.

    Raises NotFound.
    """
    patient = patient_for(by, patient_id)
    treatments = [_line(one) for one in bookable(by.market_id)]
    chosen = next((one for one in treatments if one.id == treatment_id), None)
    if chosen is None:
        chosen = _last(patient.id, treatments)
    code = "" if chosen is None else chosen.code
    latest, paper = latest_judgement(patient.id, code), standing(patient.id, code, now=now)
    orders = orders_seen_by(by, patient.id).filter(protocol_code=code).order_by("-since", "-id")
    return Chart(
        patient=patient_line(patient),
        treatments=treatments,
        treatment=chosen,
        course=None if chosen is None else dashboard_of_patient(by, patient.id, code, now=now),
        orders=[_order(one, by) for one in orders],
        screening=None if latest is None else latest.id,
        outcome=None if latest is None else latest.outcome,
        cleared_until=None if paper is None else paper.until,
    )


def _last(patient_id: UUID, treatments: list[TreatmentLine]) -> TreatmentLine | None:
    """The treatment of the newest paper or series of the patient, else the first that there is."""
    series = Series.objects.filter(patient_id=patient_id).order_by("id").last()
    screening = Screening.objects.filter(patient_id=patient_id).order_by("taken_at").last()
    order = Order.objects.filter(patient_id=patient_id).order_by("since").last()
    codes = (
        None if series is None else series.protocol.code,
        None if screening is None else screening.protocol.code,
        None if order is None else order.protocol_code,
    )
    named = {one.code: one for one in treatments}
    first = next(iter(treatments), None)
    return next((named[code] for code in codes if code in named), first)


def _line(one: OfferedProtocol) -> TreatmentLine:
    protocol = one.protocol
    limits = None if protocol.drug is None else protocol.drug.dose_ug_per_kg
    return TreatmentLine(
        id=one.id,
        code=protocol.code,
        name=protocol.name,
        infusions=sum(phase.count.max for phase in protocol.series),
        least=None if limits is None else limits.min,
        usual=None if limits is None else limits.target,
        most=None if limits is None else limits.max,
        days=protocol.valid_days.order,
    )


def _order(row: Order, by: Actor) -> OrderCard:
    line, own = order_line(row, by), row.signed_by_id == by.user_id
    return OrderCard(line, own, confirmable=line.waiting and not own)
