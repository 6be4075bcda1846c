"""Treatments on offer, and their versions: drafted and signed off by a market's prescribers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, parsed
from api.idempotency import idempotent
from api.listing import page_of
from dispatch.selectors.protocols import (
    OfferedProtocol,
    ProtocolVersion,
    bookable,
    version_seen_by,
    versions_of,
)
from dispatch.services.protocols import draft_version, sign_off

LONGEST_CODE = 64
MOST_RULES = 100


class ItemOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class ProtocolOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    service_s = serializers.IntegerField(help_text="Seconds at the door, all told.")
    price_cents = serializers.IntegerField()
    approved = serializers.BooleanField()
    consent_version = serializers.IntegerField()
    consent_text = serializers.CharField()
    consent_off_label = serializers.BooleanField()
    readiness = ItemOut(many=True, help_text="What the place must have; post the codes.")
    discharge = ItemOut(many=True, help_text="What is met before a patient is left.")
    companion = serializers.DictField(
        child=serializers.CharField(), help_text="By kind of location: stays, or drives."
    )
    questions = serializers.ListField(child=serializers.DictField())


class Protocols(Door):
    @extend_schema(operation_id="protocols_list", responses=page_of(ProtocolOut))
    def get(self, request: Request) -> Response:
        """Treatments that can be booked, with what is asked and signed before."""
        offered = bookable(self.by(request).market_id)
        results = [_shown(one) for one in offered]
        return Response({"next": None, "previous": None, "results": results})


def _shown(one: OfferedProtocol) -> dict[str, Any]:
    protocol = one.protocol
    return {
        "code": protocol.code,
        "version": protocol.version,
        "name": protocol.name,
        "service_s": protocol.service_s,
        "price_cents": protocol.price_cents,
        "approved": one.approved,
        "consent_version": protocol.consent.version,
        "consent_text": protocol.consent.text,
        "consent_off_label": protocol.consent.off_label,
        "readiness": [{"code": item.code, "text": item.text} for item in protocol.readiness],
        "discharge": [{"code": item.code, "text": item.text} for item in protocol.discharge],
        "companion": {kind.value: rule.value for kind, rule in protocol.companion.items()},
        "questions": one.questions,
    }


class VersionOut(Answer[ProtocolVersion]):
    class Meta:
        dataclass = ProtocolVersion


class ProtocolVersions(Door):
    class Body(serializers.Serializer[Any]):
        data = serializers.DictField(  # type: ignore[assignment]  # a field, and no property
            help_text="The whole protocol; it gets a number of its own."
        )

    @extend_schema(operation_id="protocol_versions_list", responses=page_of(VersionOut))
    def get(self, request: Request, code: str) -> Response:
        """The versions that the market may use, the newest first, and what is to be approved."""
        found = versions_of(self.by(request).market_id, code)
        results = VersionOut(list(found), many=True).data
        return Response({"next": None, "previous": None, "results": results})

    @extend_schema(
        operation_id="protocol_versions_draft", request=Body, responses={201: VersionOut}
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Draft a version for one's own market; it is current nowhere until it is signed off."""
        body, by = parsed(self.Body, request.data), self.by(request)
        version = draft_version(code, body["data"], by=by, now=self.now(by))
        return Response(VersionOut(version_seen_by(by, code, version)).data, status=201)


class ProtocolSignOff(Door):
    class Body(serializers.Serializer[Any]):
        rules = serializers.ListField(
            child=serializers.CharField(max_length=LONGEST_CODE),
            max_length=MOST_RULES,
            help_text="The code of each extra rule that is approved with it.",
        )

    @extend_schema(
        operation_id="protocol_versions_sign_off", request=Body, responses={201: VersionOut}
    )
    @idempotent
    def post(self, request: Request, code: str, version: int) -> Response:
        """Take responsibility for a version in one's own market, and for the rules one names."""
        body, by = parsed(self.Body, request.data), self.by(request)
        sign_off(code, version, rules=body["rules"], by=by, now=self.now(by))
        return Response(VersionOut(version_seen_by(by, code, version)).data, status=201)
