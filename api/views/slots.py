"""Offered times, and taking one for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Door, Instant, instant_at, parsed
from api.idempotency import idempotent
from api.listing import needed, page_of, text, uuid, uuid_in
from api.slot_id import Offered, offered_as, slot_id
from dispatch.domain.charges import CoverageState
from dispatch.domain.clock import day_bounds, local
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.models import Location
from dispatch.selectors.access import hold_for, location_for, nurse_for
from dispatch.selectors.preparations import coverage_of
from dispatch.selectors.protocols import bookable_row, protocol_of
from dispatch.selectors.slots import find_slots
from dispatch.services.holds import give_back_hold, take_hold

LONGEST_SLOT_ID = 1000
LONGEST_RANGE = timedelta(days=31)
COVERAGE = f"One of {', '.join(CoverageState)}."
LENGTH_OF_A_DAY = len("2027-03-01")


class SlotOut(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Post it to holds; good for an hour.")
    start = Instant(help_text="The nurse comes from then on, by the patient's clocks …")
    window_end = Instant(help_text="… and has come by then.")
    nurse = serializers.UUIDField(
        allow_null=True, help_text="Only where the patient asked for this nurse."
    )
    detour_s = serializers.IntegerField(help_text="Driving seconds it adds to the nurse's day.")
    price_cents = serializers.IntegerField(help_text="What the patient pays, unless covered.")
    coverage = serializers.CharField(help_text=COVERAGE)


class HoldOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    start = Instant()
    window_end = Instant()
    expires_at = Instant()
    price_cents = serializers.IntegerField(help_text="Post it with the booking once shown.")
    coverage = serializers.CharField(help_text=COVERAGE)


class Slots(Door):
    @extend_schema(
        operation_id="slots_list",
        parameters=[
            text("protocol"),
            uuid("location", required=True),
            text("from", "A day or a time."),
            text("to", "A day (included) or a time."),
            uuid("nurse", "Only slots with this nurse, promised."),
        ],
        responses=page_of(SlotOut),
    )
    def get(self, request: Request) -> Response:
        """Times that can be served, soonest first: each is backed by a nurse's free time."""
        by = self.by(request)
        now = self.now(by)
        location = location_for(by, _location_id(request))
        row = bookable_row(by.market_id, needed(request, "protocol"))
        start, end = _range(request, location, now)
        asked = _asked_nurse(request, by)
        protocol, coverage = protocol_of(row.id), coverage_of(location.patient_id).value
        found = find_slots(location, protocol, start, end, nurse_id=asked, now=now)
        results = [
            {
                "id": slot_id(Offered(slot, location.id, row.id, asked)),
                "start": local(slot.start, location.zone),
                "window_end": local(slot.window_end, location.zone),
                "nurse": asked,
                "detour_s": slot.detour_s,
                "price_cents": protocol.price_cents,
                "coverage": coverage,
            }
            for slot in found
        ]
        shown = SlotOut(results, many=True).data
        return Response({"next": None, "previous": None, "results": shown})


class Holds(Door):
    class Body(serializers.Serializer[Any]):
        slot = serializers.CharField(max_length=LONGEST_SLOT_ID)

    @extend_schema(operation_id="holds_take", request=Body, responses={201: HoldOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Take a slot for ten minutes; 409 where it has been taken meanwhile."""
        offered = offered_as(parsed(self.Body, request.data)["slot"])
        by = self.by(request)
        hold_id = take_hold(
            offered.slot,
            location_id=offered.location_id,
            protocol_id=offered.protocol_id,
            asked_nurse_id=offered.asked_nurse_id,
            by=by,
            now=self.now(by),
        )
        return Response(HoldOut(_hold(by, hold_id)).data, status=201)


class HoldDetail(Door):
    @extend_schema(operation_id="holds_give_back", responses={204: None})
    def delete(self, request: Request, hold_id: UUID) -> Response:
        """Give a hold back before it runs out."""
        by = self.by(request)
        give_back_hold(hold_id, by=by, now=self.now(by))
        return Response(status=204)


def _hold(by: Actor, hold_id: UUID) -> dict[str, Any]:
    hold = hold_for(by, hold_id)
    zone = hold.location.zone
    return {
        "id": hold.id,
        "start": local(hold.window_start, zone),
        "window_end": local(hold.window_end, zone),
        "expires_at": local(hold.expires_at, zone),
        "price_cents": protocol_of(hold.protocol_id).price_cents,
        "coverage": coverage_of(hold.patient_id).value,
    }


def _location_id(request: Request) -> UUID:
    needed(request, "location")
    found = uuid_in(request, "location")
    if found is None:
        raise Invalid({"location": "This parameter is needed."})
    return found


def _asked_nurse(request: Request, by: Actor) -> UUID | None:
    asked = uuid_in(request, "nurse")
    return None if asked is None else nurse_for(by, asked).id


def _range(request: Request, location: Location, now: datetime) -> tuple[datetime, datetime]:
    """A day stands for its first moment in ``from`` and for its last in ``to``."""
    start = _moment(needed(request, "from"), location.zone, "from")[0]
    end = _moment(needed(request, "to"), location.zone, "to")[1]
    if end <= now:
        raise Invalid({"to": "This time has passed."})
    if end <= start:
        raise Invalid({"to": "The range ends before it begins."})
    if end - start > LONGEST_RANGE:
        raise Invalid({"to": f"A range spans at most {LONGEST_RANGE.days} days."})
    return start, end


def _moment(text: str, zone: str, field: str) -> tuple[datetime, datetime]:
    moment = instant_at(text, zone, field)
    if len(text) == LENGTH_OF_A_DAY:
        return day_bounds(local(moment, zone).date(), zone)
    return moment, moment
