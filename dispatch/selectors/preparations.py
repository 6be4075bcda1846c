"""What has been made ready for a visit: the nurse's kit, the place, the price; and the overrides.

Each as it stood at ``now``: what was confirmed or overridden later does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from dispatch.domain.care import Item
from dispatch.domain.charges import CoverageState
from dispatch.domain.clock import service_date
from dispatch.domain.gates import Checklist, GateName, Price
from dispatch.domain.protocol import Protocol
from dispatch.domain.visit import ON_ROUTE
from dispatch.models import Coverage, GateOverride, HomeCheck, KitCheck, PriceShown, Visit
from dispatch.selectors.protocols import protocol_of


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One point to go through: a thing to bring, or something that the place must have."""

    code: str
    text: str
    confirmed: bool


def kit_for(protocol: Protocol, shift_id: UUID, *, now: datetime) -> Checklist:
    """Return what the nurse of the shift has to bring for the protocol, and what she has."""
    return Checklist(protocol.kit, _packed(shift_id, now))


def kit_of_day(shift_id: UUID, *, now: datetime) -> tuple[CheckLine, ...]:
    """Return what all the visits on the shift ask for, in the order of their protocols.

    Where two of them mean different things by one code, each is a line; the code stands for both.
    """
    on_route = Visit.objects.filter(
        reservation__shift_id=shift_id, status__in=[status.value for status in ON_ROUTE]
    )
    ids = on_route.order_by("protocol__code").values_list("protocol_id", flat=True)
    items: dict[Item, None] = {}
    for protocol_id in dict.fromkeys(ids):
        items |= dict.fromkeys(protocol_of(protocol_id).kit)
    packed = _packed(shift_id, now)
    return lines_of(Checklist(tuple(items), packed))


def lines_of(checklist: Checklist) -> tuple[CheckLine, ...]:
    return tuple(
        CheckLine(item.code, item.text, item.code in checklist.confirmed)
        for item in checklist.asked
    )


def home_for(visit: Visit, protocol: Protocol, *, now: datetime) -> Checklist:
    """Return what the place must have, and what was confirmed of it since the visit last moved."""
    checks = HomeCheck.objects.filter(
        visit=visit, location_id=visit.location_id, move=visit.moves, at__lte=now
    )
    items = checks.order_by("-number").values_list("items", flat=True).first()
    return Checklist(protocol.readiness, frozenset(items or ()))


def price_for(visit: Visit, protocol: Protocol, *, now: datetime) -> Price:
    """Return the price and when it was last shown: for this visit, or another of its series."""
    of_series = Q(visit__series__isnull=False, visit__series_id=visit.series_id)
    at = (
        PriceShown.objects.filter(
            Q(visit=visit) | of_series, price_cents=protocol.price_cents, at__lte=now
        )
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )
    shown_on = None if at is None else service_date(at, visit.location.zone)
    return Price(protocol.price_cents, coverage_of(visit.patient_id), shown_on)


def coverage_of(patient_id: UUID) -> CoverageState:
    """Return what is known of the patient's insurance."""
    state = Coverage.objects.filter(patient_id=patient_id).values_list("state", flat=True).first()
    return CoverageState(state or CoverageState.UNKNOWN)


def overridden_gates(visit: Visit, *, now: datetime) -> frozenset[GateName]:
    """Return the gates that a dispatcher has overridden for the visit as it is now."""
    standing = GateOverride.objects.filter(
        Q(end__isnull=True) | Q(end__at__gt=now), visit=visit, move=visit.moves, at__lte=now
    )
    return frozenset(map(GateName, standing.values_list("gate", flat=True)))


def _packed(shift_id: UUID, now: datetime) -> frozenset[str]:
    checks = KitCheck.objects.filter(shift_id=shift_id, at__lte=now).order_by("-number")
    return frozenset(checks.values_list("items", flat=True).first() or ())
