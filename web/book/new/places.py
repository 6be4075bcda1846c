"""Where a visit is to be, and what is offered there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import CompanionRule, Protocol
from dispatch.domain.waiting import Unserved
from dispatch.gateways.geocoding import ZIP_CODE
from dispatch.models import Location
from dispatch.selectors.access import location_for
from dispatch.selectors.people import location_line, locations_of
from dispatch.selectors.protocols import OfferedProtocol, bookable
from dispatch.selectors.serving import why_unserved
from dispatch.selectors.translating import Said, said
from dispatch.services.locations import add_location
from web.book.new.address import Chosen, How
from web.book.new.way import hows, onward, shown
from web.guarding import Visitor

LONGEST_LINE = 200
LONGEST_TEXT = 2000


class PlaceForm(forms.Form):
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in LocationKind])
    address = forms.CharField(max_length=LONGEST_LINE)
    zip_code = forms.RegexField(ZIP_CODE)
    access_notes = forms.CharField(max_length=LONGEST_TEXT, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    lng = forms.FloatField(min_value=-180, max_value=180, required=False)


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of place, and what a companion does there by the treatments that need one."""

    kind: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A treatment as it is offered at a place; ``visits`` are the infusions of its series."""

    name: Said
    ways: tuple[tuple[How, str], ...]
    waiting: str
    visits: int
    gap: tuple[int, int]
    minutes: int
    price_cents: int
    companion: str
    unserved: Unserved | None


def where(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Choose a place that is known, or add one."""
    if request.method == "POST":
        try:
            location_id = _add(request, visitor)
        except Invalid as refusal:
            return _where(request, visitor, refusal=refusal, sent=request.POST)
        return onward(reverse("book_new_what", kwargs={"location_id": location_id}))
    return _where(request, visitor, sent={})


def what(request: HttpRequest, visitor: Visitor, location_id: UUID) -> HttpResponse:
    """Choose a treatment: a single visit of it, or its whole series."""
    location = location_for(visitor.by, location_id)
    choices = [_choice(one, location, visitor) for one in bookable(visitor.by.market_id)]
    served = any(one.unserved is None for one in choices)
    return shown(request, "what", "what", location=location, choices=choices, served=served)


def _where(request: HttpRequest, visitor: Visitor, **context: Any) -> HttpResponse:
    known = [location_line(one) for one in locations_of(visitor.by, None).order_by("-id")]
    protocols = [one.protocol for one in bookable(visitor.by.market_id)]
    kinds = [KindLine(kind.value, _rules(protocols, kind)) for kind in LocationKind]
    return shown(request, "where", "where", known=known, kinds=kinds, **context)


def _rules(protocols: list[Protocol], kind: LocationKind) -> tuple[str, ...]:
    asked = {one.companion_rule(kind) for one in protocols}
    return tuple(rule.value for rule in CompanionRule if rule in asked)


def _add(request: HttpRequest, visitor: Visitor) -> UUID:
    """Keep the place, or find the one that was kept already by the same form."""
    form = PlaceForm(request.POST)
    if not form.is_valid():
        raise Invalid(dict.fromkeys(form.errors, ""))
    sent = form.cleaned_data
    pin = None if sent["lat"] is None or sent["lng"] is None else (sent["lat"], sent["lng"])
    standing = _standing(visitor.by, sent) if pin is None else None
    return standing or add_location(
        patient_id=None,
        kind=LocationKind(sent["kind"]),
        address=sent["address"],
        zip_code=sent["zip_code"],
        access_notes=sent["access_notes"],
        pin=pin,
        by=visitor.by,
        now=visitor.now,
    )


def _standing(by: Actor, sent: dict[str, Any]) -> UUID | None:
    names = ("kind", "address", "zip_code", "access_notes")
    for place in locations_of(by, None).filter(zip_code=sent["zip_code"]):
        if all(getattr(place, name) == sent[name] for name in names):
            return place.id
    return None


def _choice(offered: OfferedProtocol, location: Location, visitor: Visitor) -> Choice:
    protocol = offered.protocol

    def to(step: str, how: How) -> str:
        chosen = Chosen(location.id, offered.id, how)
        return reverse(f"book_new_{step}", kwargs={"chosen": chosen})

    first = protocol.series[0]
    rule = protocol.companion_rule(LocationKind(location.kind))
    return Choice(
        name=said(protocol.name, visitor.language),
        ways=tuple((how, to("questions", how)) for how in hows(protocol)),
        waiting=to("waiting", How.VISIT),
        visits=first.count.target,
        gap=(first.gap_days.min, first.gap_days.max),
        minutes=protocol.service_s // 60,
        price_cents=protocol.price_cents,
        companion="" if rule is None else rule.value,
        unserved=why_unserved(location, protocol, now=visitor.now),
    )
