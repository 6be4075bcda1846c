"""The papers that people sign: orders and consents."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Created, Door, parsed
from api.idempotency import idempotent
from dispatch.services.clinical import sign_consent, sign_order

LONGEST_CODE = 64
MOST_INFUSIONS = 100
MOST_UG_PER_KG = 10_000


class Orders(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField()
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        infusions = serializers.IntegerField(min_value=1, max_value=MOST_INFUSIONS)
        dose_ug_per_kg = serializers.IntegerField(
            min_value=1, max_value=MOST_UG_PER_KG, required=False, allow_null=True, default=None
        )

    @extend_schema(operation_id="orders_sign", request=Body, responses={201: Created})
    @idempotent
    def post(self, request: Request) -> Response:
        """A prescriber orders so many infusions of a protocol."""
        body, by = parsed(self.Body, request.data), self.by(request)
        order_id = sign_order(
            patient_id=body["patient"],
            protocol_code=body["protocol"],
            infusions=body["infusions"],
            dose_ug_per_kg=body["dose_ug_per_kg"],
            by=by,
            now=self.now(by),
        )
        return Response({"id": str(order_id)}, status=201)


class Consents(Door):
    class Body(serializers.Serializer[Any]):
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        text_version = serializers.IntegerField(min_value=1, max_value=1_000_000)

    @extend_schema(operation_id="consents_sign", request=Body, responses={201: Created})
    @idempotent
    def post(self, request: Request) -> Response:
        """The patient signs a protocol's consent text in the version that was shown."""
        body, by = parsed(self.Body, request.data), self.by(request)
        consent_id = sign_consent(
            protocol_code=body["protocol"],
            text_version=body["text_version"],
            by=by,
            now=self.now(by),
        )
        return Response({"id": str(consent_id)}, status=201)
