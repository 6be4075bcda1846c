"""Consults by video: asked for, listed, called off, held."""

from __future__ import annotations

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
from dispatch.domain.consults import ConsultKind
from dispatch.domain.people import Actor
from dispatch.selectors import consults
from dispatch.selectors.access import consult_for
from dispatch.selectors.clock import zone_of
from dispatch.services.consults import ask_consult, cancel_consult, finish_consult

LONGEST_CODE = 64


class ConsultOut(Answer[consults.ConsultLine]):
    class Meta:
        dataclass = consults.ConsultLine


class Consults(PageOf):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        kind = serializers.ChoiceField([kind.value for kind in ConsultKind])
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        starts_at = MomentField()
        clinician = serializers.UUIDField(
            required=False, help_text="A prescriber; left out: one who is free then."
        )

    @list_schema("consults_list", ConsultOut, uuid("patient"))
    def get(self, request: Request) -> Response:
        """A patient's own consults, or the market's."""
        rows = consults.consults_seen_by(self.by(request), uuid_in(request, "patient"))
        return self.page(request, rows, consults.consult_line, ConsultOut)

    @extend_schema(operation_id="consults_ask", request=Body, responses={201: ConsultOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a consult before the first visit or after the last; its link follows."""
        body, by = parsed(self.Body, request.data), self.by(request)
        consult_id = ask_consult(
            patient_id=body.get("patient"),
            kind=ConsultKind(body["kind"]),
            protocol_code=body["protocol"],
            starts_at=instant_at(body["starts_at"], zone_of(by.market_id), "starts_at"),
            clinician_id=body.get("clinician"),
            by=by,
            now=self.now(by),
        )
        return _shown(by, consult_id, 201)


class ConsultCancel(Door):
    @extend_schema(operation_id="consults_cancel", request=None, responses=ConsultOut)
    def post(self, request: Request, consult_id: UUID) -> Response:
        """Call a consult off."""
        by = self.by(request)
        cancel_consult(consult_id, by=by, now=self.now(by))
        return _shown(by, consult_id)


class ConsultDone(Door):
    @extend_schema(operation_id="consults_done", request=None, responses=ConsultOut)
    def post(self, request: Request, consult_id: UUID) -> Response:
        """The clinician says that a consult was held."""
        by = self.by(request)
        finish_consult(consult_id, by=by, now=self.now(by))
        return _shown(by, consult_id)


def _shown(by: Actor, consult_id: UUID, status: int = 200) -> Response:
    line = consults.consult_line(consult_for(by, consult_id))
    return Response(ConsultOut(line).data, status=status)
