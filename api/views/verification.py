"""Verified visits: listed, exported, corrected by further rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, PageOf, parsed
from api.idempotency import idempotent
from api.listing import PAGING, day, days_in, page_of
from api.spreadsheet import FORMAT, Csv, csv_answer, wants_csv
from dispatch.domain.verification import BY_HAND, LONGEST_VALUE, CorrectionReason, Element
from dispatch.selectors import verifications
from dispatch.selectors.access import verification_for
from dispatch.services.verification import correct_verification, note_export


class VerificationOut(Answer[verifications.VerifiedVisit]):
    class Meta:
        dataclass = verifications.VerifiedVisit


class Verifications(PageOf):
    renderer_classes = (JSONRenderer, Csv)

    @extend_schema(
        operation_id="verifications_list",
        parameters=[
            *PAGING,
            day("from", "A day.", required=True),
            day("to", "A day, included; 92 at most.", required=True),
            FORMAT,
        ],
        responses={
            (200, "application/json"): page_of(VerificationOut),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> Response | StreamingHttpResponse:
        """Visits as they were verified, all corrections counted; the whole range in one as CSV."""
        by, (first, last) = self.by(request), days_in(request)
        if wants_csv(request):
            note_export(by=by, now=self.now(by))
            rows = verifications.exported(by, first, last)
            name = f"verified-visits-{first}-{last}.csv"
            return csv_answer(name, verifications.ExportLine, rows)
        found = verifications.verifications_of(by, first, last)
        return self.page(request, found, verifications.verified, VerificationOut)


class VerificationCorrections(Door):
    class Body(serializers.Serializer[Any]):
        element = serializers.ChoiceField([one.value for one in Element])
        value = serializers.CharField(
            max_length=LONGEST_VALUE, help_text="A text, a time, or a point as 38.9072,-77.0369."
        )
        reason = serializers.ChoiceField([one.value for one in BY_HAND])

    @extend_schema(
        operation_id="verifications_correct", request=Body, responses={201: VerificationOut}
    )
    @idempotent
    def post(self, request: Request, verification_id: UUID) -> Response:
        """Correct one element; what was recorded stays, and so does every correction."""
        body, by = parsed(self.Body, request.data), self.by(request)
        correct_verification(
            verification_id,
            element=Element(body["element"]),
            value=body["value"],
            reason=CorrectionReason(body["reason"]),
            by=by,
            now=self.now(by),
        )
        row = verification_for(by, verification_id)
        return Response(VerificationOut(verifications.verified(row)).data, status=201)
