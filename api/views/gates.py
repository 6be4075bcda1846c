"""What opens the gates of a visit beside the papers, and overriding those that may be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, LONGEST_TEXT, Answer, Door, day_from, expected_version, parsed
from api.fields import DayField, price_field
from api.headers import IF_MATCH, IF_NONE_MATCH, IF_VERSION
from api.idempotency import idempotent
from api.listing import page_of
from api.tags import matched, tagged
from api.views.route import RouteOut
from api.views.visits import VisitOut, shown
from dispatch.domain.charges import CoverageState
from dispatch.domain.errors import NotFound
from dispatch.domain.gates import GateName
from dispatch.domain.people import Actor
from dispatch.selectors import overrides
from dispatch.selectors.day_route import route_on
from dispatch.services.coverage import set_coverage, show_price
from dispatch.services.overrides import override_gate, take_override_back
from dispatch.services.readiness import confirm_home, confirm_kit

LONGEST_CODE = 64
MOST_ITEMS = 100
GATE = OpenApiParameter("gate", str, OpenApiParameter.PATH, enum=[name.value for name in GateName])


class OverrideOut(Answer[overrides.OverrideLine]):
    class Meta:
        dataclass = overrides.OverrideLine


class CoverageOut(Answer[overrides.CoverageCard]):
    class Meta:
        dataclass = overrides.CoverageCard


class Items(serializers.Serializer[Any]):
    items = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_CODE),
        max_length=MOST_ITEMS,
        help_text="All that is there, by code; what is left out is not.",
    )


class VisitOverrides(Door):
    @extend_schema(operation_id="visits_overrides", responses=page_of(OverrideOut))
    def get(self, request: Request, visit_id: UUID) -> Response:
        """Who let the visit go on through which gate, and why."""
        found = overrides.overrides_seen_by(self.by(request), visit_id)
        results = OverrideOut(list(found), many=True).data
        return Response({"next": None, "previous": None, "results": results})


class VisitOverride(Door):
    class Body(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=LONGEST_TEXT)

    @extend_schema(
        operation_id="visits_override",
        parameters=[GATE, IF_VERSION],
        request=Body,
        responses={201: VisitOut},
    )
    @tagged
    @idempotent
    def post(self, request: Request, visit_id: UUID, gate: str) -> Response:
        """Let the visit go on though a soft gate is closed; hard ones answer 409."""
        body, by = parsed(self.Body, request.data), self.by(request)
        override_gate(
            visit_id,
            _gate(gate),
            reason=body["reason"],
            expected_version=expected_version(request),
            by=by,
            now=self.now(by),
        )
        return shown(self, by, visit_id, 201)

    @extend_schema(
        operation_id="visits_override_end", parameters=[GATE, IF_VERSION], responses={204: None}
    )
    def delete(self, request: Request, visit_id: UUID, gate: str) -> Response:
        """Take an override back: the gate is as closed as it was."""
        by = self.by(request)
        expected = expected_version(request)
        take_override_back(
            visit_id, _gate(gate), expected_version=expected, by=by, now=self.now(by)
        )
        return Response(status=204)


class VisitReadiness(Door):
    @extend_schema(operation_id="visits_readiness", request=Items, responses={201: VisitOut})
    @idempotent
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Say what the place has for the visit; a dispatcher says it for a patient on the phone."""
        body, by = parsed(Items, request.data), self.by(request)
        confirm_home(visit_id, body["items"], by=by, now=self.now(by))
        return shown(self, by, visit_id, 201)


class VisitCoverage(Door):
    class Body(serializers.Serializer[Any]):
        price_cents = price_field("As GET visits/{id} has it.", required=True)

    @extend_schema(operation_id="visits_coverage", request=Body, responses={201: VisitOut})
    @idempotent
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Say that the self-pay price was shown to the patient, or read out on the phone."""
        body, by = parsed(self.Body, request.data), self.by(request)
        show_price(visit_id, body["price_cents"], by=by, now=self.now(by))
        return shown(self, by, visit_id, 201)


class PatientCoverage(Door):
    class Body(serializers.Serializer[Any]):
        coverage = serializers.ChoiceField([state.value for state in CoverageState])
        payer = serializers.CharField(
            max_length=LONGEST_LINE, required=False, allow_blank=True, default=""
        )

    @extend_schema(
        operation_id="patients_coverage", parameters=[IF_NONE_MATCH], responses=CoverageOut
    )
    @tagged
    def get(self, request: Request, patient_id: UUID) -> Response:
        """What is known of the patient's insurance."""
        return Response(_coverage(self.by(request), patient_id))

    @extend_schema(
        operation_id="patients_coverage_set",
        request=Body,
        responses=CoverageOut,
        parameters=[IF_MATCH],
    )
    @tagged
    def put(self, request: Request, patient_id: UUID) -> Response:
        """Keep what the insurance said."""
        body, by = parsed(self.Body, request.data), self.by(request)
        known = CoverageState(body["coverage"])
        with matched(request, f"coverage:{patient_id}", lambda: _coverage(by, patient_id)):
            set_coverage(patient_id, known, payer=body["payer"], by=by, now=self.now(by))
        return Response(_coverage(by, patient_id))


class MyKit(Door):
    class Body(Items):
        date = DayField()

    @extend_schema(operation_id="nurses_me_kit", request=Body, responses={201: RouteOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """The nurse says what she has with her that day; the route shows what is to be brought."""
        body, by = parsed(self.Body, request.data), self.by(request)
        if by.person_id is None:
            raise NotFound("nurse")
        day, now = day_from(body["date"], "date"), self.now(by)
        confirm_kit(day, body["items"], by=by, now=now)
        return Response(RouteOut(route_on(by.person_id, day, now=now)).data, status=201)


def _coverage(by: Actor, patient_id: UUID) -> Any:
    return CoverageOut(overrides.coverage_seen_by(by, patient_id)).data


def _gate(name: str) -> GateName:
    try:
        return GateName(name)
    except ValueError as fault:
        raise NotFound("gate") from fault
