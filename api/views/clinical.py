"""Treatments on offer, and the papers they need: screening, clearance, consent."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Door, PageOf, parsed
from api.idempotency import idempotent
from api.listing import list_schema, page_of
from dispatch.selectors.clinical import (
    ConsentLine,
    ScreeningResult,
    consent_line,
    consents_of,
    screening_seen_by,
)
from dispatch.selectors.protocols import OfferedProtocol, bookable
from dispatch.services.clinical import (
    clear_screening,
    record_screening,
    sign_consent,
    withdraw_consent,
)

LONGEST_CODE = 64


class Created(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class ScreeningOut(Answer[ScreeningResult]):
    class Meta:
        dataclass = ScreeningResult


class ConsentOut(Answer[ConsentLine]):
    class Meta:
        dataclass = ConsentLine


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
        "readiness": [{"code": one.code, "text": one.text} for one in protocol.readiness],
        "companion": {kind.value: rule.value for kind, rule in protocol.companion.items()},
        "questions": one.questions,
    }


class Screenings(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        answers = serializers.DictField(help_text="By question id; see the protocol's questions.")

    @extend_schema(operation_id="screenings_take", request=Body, responses={201: ScreeningOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Answer a protocol's questionnaire: cleared, review, or refused, with reasons."""
        body, by = parsed(self.Body, request.data), self.by(request)
        screening_id = record_screening(
            patient_id=body.get("patient"),
            protocol_code=body["protocol"],
            answers=body["answers"],
            by=by,
            now=self.now(by),
        )
        return Response(ScreeningOut(screening_seen_by(by, screening_id)).data, status=201)


class ScreeningDetail(Door):
    @extend_schema(operation_id="screenings_read", responses=ScreeningOut)
    def get(self, request: Request, screening_id: UUID) -> Response:
        """One screening's outcome and reasons."""
        return Response(ScreeningOut(screening_seen_by(self.by(request), screening_id)).data)


class ScreeningClearance(Door):
    @extend_schema(operation_id="screenings_clear", request=None, responses={201: Created})
    @idempotent
    def post(self, request: Request, screening_id: UUID) -> Response:
        """A prescriber clears a patient whose answers were to be reviewed."""
        by = self.by(request)
        clearance_id = clear_screening(screening_id, by=by, now=self.now(by))
        return Response({"id": str(clearance_id)}, status=201)


class Consents(PageOf):
    class Body(serializers.Serializer[Any]):
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        text_version = serializers.IntegerField(min_value=1, max_value=1_000_000)
        name = serializers.CharField(max_length=LONGEST_LINE, help_text="As typed by the patient.")

    @list_schema("consents_list", ConsentOut)
    def get(self, request: Request) -> Response:
        """The patient's own signatures."""
        return self.page(request, consents_of(self.by(request)), consent_line, ConsentOut)

    @extend_schema(operation_id="consents_sign", request=Body, responses={201: Created})
    @idempotent
    def post(self, request: Request) -> Response:
        """The patient signs a protocol's consent text in the version that was shown."""
        body, by = parsed(self.Body, request.data), self.by(request)
        consent_id = sign_consent(
            protocol_code=body["protocol"],
            text_version=body["text_version"],
            name=body["name"],
            by=by,
            now=self.now(by),
        )
        return Response({"id": str(consent_id)}, status=201)


class ConsentWithdrawal(Door):
    @extend_schema(operation_id="consents_withdraw", request=None, responses={201: ConsentOut})
    @idempotent
    def post(self, request: Request, consent_id: UUID) -> Response:
        """The patient no longer agrees: nothing is begun under this signature from now on."""
        by = self.by(request)
        withdraw_consent(consent_id, by=by, now=self.now(by))
        return Response(ConsentOut(consent_line(consents_of(by).get(id=consent_id))).data, 201)
