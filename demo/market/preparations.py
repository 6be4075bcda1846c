"""What has been made ready in the demo market, and what still waits for somebody."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from demo.answers import KETAMINE
from demo.market.invent import Inventor
from demo.market.people import SignedUp, Staff, sign_up
from dispatch.domain.channels import Channel
from dispatch.domain.clock import service_date, to_instant
from dispatch.domain.consults import ConsultKind
from dispatch.domain.people import Actor, Role
from dispatch.domain.sharing import RecipientKind
from dispatch.models import Market, Shift, Visit
from dispatch.selectors.preparations import kit_of_day
from dispatch.selectors.protocols import protocol_of
from dispatch.selectors.sharing import sharing_terms
from dispatch.services.consults import ask_consult
from dispatch.services.custody import receive_vials
from dispatch.services.readiness import confirm_home, confirm_kit
from dispatch.services.screening import record_screening
from dispatch.services.sharing import agree_to_share

PROTOCOL = "ketamine_six_induction"
DAYS_READY = 2
"""So many days ahead most nurses have packed, and most patients have their places ready."""
READY = 0.8
VIALS = 12
CONTENT_UG = 50_000
KEEP = timedelta(days=300)
CONSULT_AT = time(12)
FOR_A_CLINICIAN: tuple[dict[str, Any], ...] = (
    {"blood_pressure": "high_controlled"},
    {"benzodiazepines": True},
)
"""Answers of patients who are not cleared yet: to be reviewed, and to be agreed on."""


def prepare(market: Market, staff: Staff, inventor: Inventor, *, now: datetime) -> None:
    """Kits, homes and vials for the next days, and questions for a clinician."""
    last = service_date(now, market.zone) + timedelta(days=DAYS_READY)
    _stock_vials(staff.administrator, last + KEEP, now)
    _pack_kits(market, inventor, last, now)
    _look_around(staff.dispatcher, inventor, last, now)
    for number, answers in enumerate(FOR_A_CLINICIAN, start=1):
        patient = sign_up(market, inventor, f"demo.asking{number}")
        record_screening(
            patient_id=None,
            protocol_code=PROTOCOL,
            answers=KETAMINE | answers,
            by=patient.by,
            now=now,
        )


def accompany(walker: SignedUp, market: Market, *, now: datetime) -> None:
    """The patient of the demo login shares summaries, and has a consult tomorrow."""
    agree_to_share(
        recipient=RecipientKind.MENTAL_HEALTH_PROVIDER,
        name="Dr. Imani Okafor",
        channel=Channel.TEXT,
        contact="+12025550143",
        text_version=sharing_terms().version,
        by=walker.by,
        now=now,
    )
    tomorrow = service_date(now, market.zone) + timedelta(days=1)
    ask_consult(
        patient_id=None,
        kind=ConsultKind.BEFORE_FIRST,
        protocol_code=PROTOCOL,
        starts_at=to_instant(tomorrow, CONSULT_AT, market.zone),
        clinician_id=None,
        by=walker.by,
        now=now,
    )


def _stock_vials(administrator: Actor, expires_on: date, now: datetime) -> None:
    receive_vials(
        [f"D-{number:03}" for number in range(1, VIALS + 1)],
        drug="ketamine",
        lot="DEMO-1",
        content_ug=CONTENT_UG,
        expires_on=expires_on,
        by=administrator,
        now=now,
    )


def _pack_kits(market: Market, inventor: Inventor, last: date, now: datetime) -> None:
    shifts = Shift.objects.filter(market=market, service_date__lte=last, end_at__gt=now)
    for shift in shifts.select_related("nurse").order_by("id"):
        kit = [item.code for item in kit_of_day(shift.id, now=now)]
        if kit and inventor.draw.random() < READY:
            nurse = Actor(shift.nurse.user_id, Role.NURSE, market.id, shift.nurse_id)
            confirm_kit(shift.service_date, kit, by=nurse, now=now)


def _look_around(dispatcher: Actor, inventor: Inventor, last: date, now: datetime) -> None:
    """The dispatcher has called the patients, and heard what their places have."""
    visits = Visit.objects.filter(market_id=dispatcher.market_id, service_date__lte=last)
    for visit in visits.order_by("id"):
        if inventor.draw.random() < READY:
            items = [item.code for item in protocol_of(visit.protocol_id).readiness]
            confirm_home(visit.id, items, by=dispatcher, now=now)
