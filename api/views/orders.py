"""A prescriber's orders: signed, confirmed by a second person, withdrawn, listed."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, PageOf, instant_at, parsed
from api.fields import MomentField
from api.idempotency import idempotent
from api.listing import list_schema, uuid, uuid_in
from dispatch.domain.people import Actor
from dispatch.selectors.clock import zone_of
from dispatch.selectors.orders import OrderLine, order_for, order_line, orders_seen_by
from dispatch.services.orders import confirm_order, sign_order, withdraw_order

LONGEST_CODE = 64
LONGEST_DIAGNOSIS = 8
MOST_DIAGNOSES = 12
MOST_INFUSIONS = 100
MOST_UG_PER_KG = 10_000


class OrderOut(Answer[OrderLine]):
    class Meta:
        dataclass = OrderLine


class Orders(PageOf):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField()
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        infusions = serializers.IntegerField(min_value=1, max_value=MOST_INFUSIONS)
        dose_ug_per_kg = serializers.IntegerField(
            min_value=1,
            max_value=MOST_UG_PER_KG,
            required=False,
            allow_null=True,
            default=None,
            help_text="Within the protocol's limits; left out where it gives no drug.",
        )
        until = MomentField(
            required=False,
            allow_null=True,
            default=None,
            help_text="As long as the protocol allows, if left out.",
        )
        diagnoses = serializers.ListField(
            child=serializers.CharField(max_length=LONGEST_DIAGNOSIS),
            max_length=MOST_DIAGNOSES,
            required=False,
            default=list,
            help_text="ICD-10 codes.",
        )

    @list_schema("orders_list", OrderOut, uuid("patient"))
    def get(self, request: Request) -> Response:
        """Orders, newest first: a patient's own, or those that staff may see."""
        by = self.by(request)
        rows = orders_seen_by(by, uuid_in(request, "patient"))
        return self.page(request, rows, partial(order_line, by=by), OrderOut)

    @extend_schema(operation_id="orders_sign", request=Body, responses={201: OrderOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """A prescriber orders so many infusions; another dose waits for a second person."""
        body, by = parsed(self.Body, request.data), self.by(request)
        until = body["until"] and instant_at(body["until"], zone_of(by.market_id), "until")
        order_id = sign_order(
            patient_id=body["patient"],
            protocol_code=body["protocol"],
            infusions=body["infusions"],
            dose_ug_per_kg=body["dose_ug_per_kg"],
            until=until,
            diagnoses=body["diagnoses"],
            by=by,
            now=self.now(by),
        )
        return _shown(by, order_id, 201)


class OrderConfirmation(Door):
    @extend_schema(operation_id="orders_confirm", request=None, responses={201: OrderOut})
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """Somebody other than the signer has checked the changed dose."""
        by = self.by(request)
        confirm_order(order_id, by=by, now=self.now(by))
        return _shown(by, order_id, 201)


class OrderWithdrawal(Door):
    @extend_schema(operation_id="orders_withdraw", request=None, responses={201: OrderOut})
    @idempotent
    def post(self, request: Request, order_id: UUID) -> Response:
        """Nothing is given under this order any more."""
        by = self.by(request)
        withdraw_order(order_id, by=by, now=self.now(by))
        return _shown(by, order_id, 201)


def _shown(by: Actor, order_id: UUID, status: int) -> Response:
    return Response(OrderOut(order_line(order_for(by, order_id), by)).data, status=status)
