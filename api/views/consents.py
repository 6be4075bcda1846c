"""The consents that patients sign, and take back."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Created, Door, PageOf, parsed
from api.idempotency import idempotent
from api.listing import list_schema
from dispatch.selectors.consents import ConsentLine, consent_line, consents_of
from dispatch.services.consents import sign_consent, withdraw_consent

LONGEST_CODE = 64


class ConsentOut(Answer[ConsentLine]):
    class Meta:
        dataclass = ConsentLine


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
