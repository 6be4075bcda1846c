"""Controlled drugs: vials received and counted, what visits did with them, who signed for it."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, PageOf, day_from, parsed
from api.fields import DayField
from api.idempotency import idempotent
from api.listing import PAGING, choice, choice_in, day, days_in, list_schema, page_of
from api.spreadsheet import FORMAT, Csv, csv_answer, wants_csv
from dispatch.domain.clock import day_bounds
from dispatch.domain.custody import MOST_UG
from dispatch.domain.people import Actor
from dispatch.selectors import custody, vials
from dispatch.selectors.clock import zone_of
from dispatch.services.custody import explain, receive_vials, witness

LONGEST_CODE = 64
MOST_VIALS = 500


class VialLine(Answer[vials.VialLine]):
    class Meta:
        dataclass = vials.VialLine


class InventoryLine(Answer[vials.InventoryLine]):
    class Meta:
        dataclass = vials.InventoryLine


class CustodyEntryOut(Answer[custody.EntryLine]):
    class Meta:
        dataclass = custody.EntryLine


class VisitCustodyOut(Answer[custody.VisitCustody]):
    class Meta:
        dataclass = custody.VisitCustody


RECEIVED = inline_serializer("ReceivedVials", {"results": VialLine(many=True)})


class Vials(PageOf):
    class Body(serializers.Serializer[Any]):
        drug = serializers.CharField(max_length=LONGEST_CODE, help_text="Code of the drug.")
        lot = serializers.CharField(max_length=LONGEST_CODE)
        content_ug = serializers.IntegerField(
            min_value=1, max_value=MOST_UG, help_text="Whole micrograms in each vial."
        )
        expires_on = DayField(help_text="Last day of use.")
        numbers = serializers.ListField(
            child=serializers.CharField(max_length=LONGEST_CODE),
            min_length=1,
            max_length=MOST_VIALS,
            help_text="The number on each label, unique in the market.",
        )

    @list_schema(
        "vials_list",
        VialLine,
        choice("state", vials.VialState, "All, if left out."),
    )
    def get(self, request: Request) -> Response:
        """The market's vials with their lots, and where they are."""
        state = choice_in(request, "state", vials.VialState)
        asked = None if state is None else vials.VialState(state)
        rows = vials.vials_seen_by(self.by(request), state=asked)
        return self.page(request, rows, vials.vial_line, VialLine)

    @extend_schema(operation_id="vials_receive", request=Body, responses={201: RECEIVED})
    @idempotent
    def post(self, request: Request) -> Response:
        """Take vials of one lot into stock."""
        body, by = parsed(self.Body, request.data), self.by(request)
        expires_on = day_from(body.pop("expires_on"), "expires_on")
        numbers = body.pop("numbers")
        received = receive_vials(numbers, **body, expires_on=expires_on, by=by, now=self.now(by))
        rows = vials.vials_seen_by(by).filter(id__in=received).order_by("id")
        results = VialLine([vials.vial_line(row) for row in rows], many=True).data
        return Response({"results": results}, status=201)


class VialDiscrepancy(Door):
    class Body(serializers.Serializer[Any]):
        visit = serializers.UUIDField(
            required=False, allow_null=True, default=None, help_text="Left out: found in stock."
        )
        ug = serializers.IntegerField(
            min_value=-MOST_UG, max_value=MOST_UG, help_text="Missing; below zero: too much."
        )
        reason = serializers.CharField(max_length=LONGEST_TEXT)

    @extend_schema(operation_id="vials_discrepancy", request=Body, responses={201: CustodyEntryOut})
    @idempotent
    def post(self, request: Request, vial_id: UUID) -> Response:
        """Explain why a vial does not balance; somebody else signs that."""
        body, by = parsed(self.Body, request.data), self.by(request)
        entry_id = explain(
            vial_id,
            visit_id=body["visit"],
            ug=body["ug"],
            reason=body["reason"],
            by=by,
            now=self.now(by),
        )
        return Response(_entry(by, entry_id), status=201)


class VisitCustody(Door):
    @extend_schema(operation_id="visits_custody", responses=VisitCustodyOut)
    def get(self, request: Request, visit_id: UUID) -> Response:
        """What a visit did with its vials, and what is still in the nurse's hands."""
        return Response(VisitCustodyOut(custody.custody_seen_by(self.by(request), visit_id)).data)


class CustodyToSign(PageOf):
    @list_schema("custody_to_sign", CustodyEntryOut)
    def get(self, request: Request) -> Response:
        """What waits for a second person's signature and is not one's own."""
        by = self.by(request)
        shown = partial(custody.line, zone=zone_of(by.market_id))
        return self.page(request, custody.to_sign(by), shown, CustodyEntryOut)


class CustodyWitness(Door):
    @extend_schema(operation_id="custody_witness", request=None, responses=CustodyEntryOut)
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Sign as the second person what was wasted, returned or explained."""
        by = self.by(request)
        witness(entry_id, by=by, now=self.now(by))
        return Response(_entry(by, entry_id))


class CustodyInventory(PageOf):
    renderer_classes = (JSONRenderer, Csv)

    @extend_schema(
        operation_id="custody_inventory",
        parameters=[
            *PAGING,
            day("from", "First day.", required=True),
            day("to", "Last day; 92 days at most.", required=True),
            FORMAT,
        ],
        responses={
            (200, "application/json"): page_of(InventoryLine),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """What came, went and is left of each vial, within days by the market's clocks."""
        by = self.by(request)
        rows = vials.inventory_of(by, *_period(request, by))
        if wants_csv(request):
            lines = map(vials.inventory_line, rows.order_by("number").iterator())
            return csv_answer("inventory.csv", vials.InventoryLine, lines)
        return self.page(request, rows, vials.inventory_line, InventoryLine)


def _period(request: Request, by: Actor) -> tuple[datetime, datetime]:
    zone = zone_of(by.market_id)
    first, last = days_in(request)
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _entry(by: Actor, entry_id: UUID) -> Any:
    return CustodyEntryOut(custody.entry_seen_by(by, entry_id)).data
