"""The course of a treatment: responses, scores, and where the patient stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, day_from, parsed
from api.fields import DayField, counted_by
from api.idempotency import idempotent
from api.listing import needed, text
from dispatch.domain.errors import Invalid
from dispatch.domain.infusions import Improvement
from dispatch.domain.scores import ITEMS, MOST_POINTS, Instrument, is_red_flag
from dispatch.selectors import dashboard
from dispatch.services.responses import (
    Finding,
    record_induction_elsewhere,
    record_response,
    record_response_to_series,
)
from dispatch.services.scores import record_score

LONGEST_CODE = 64
MOST_ITEMS = 9


class DashboardOut(Answer[dashboard.Dashboard]):
    class Meta:
        dataclass = dashboard.Dashboard


class ScoreOut(Answer[dashboard.ScoreTaken]):
    class Meta:
        dataclass = dashboard.ScoreTaken


class Recorded(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class FoundBody(serializers.Serializer[Any]):
    improvement = serializers.ChoiceField(list(Improvement))
    note = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
    )


class SeriesResponses(Door):
    @extend_schema(
        operation_id="series_record_response", request=FoundBody, responses={201: Recorded}
    )
    @idempotent
    def post(self, request: Request, series_id: UUID) -> Response:
        """A clinician records what came of a series; the next phase may open by it."""
        body, by = parsed(FoundBody, request.data), self.by(request)
        response_id = record_response_to_series(
            series_id, finding=_finding(body), by=by, now=self.now(by)
        )
        return Response({"id": str(response_id)}, status=201)


class Responses(Door):
    class Body(FoundBody):
        patient = serializers.UUIDField()
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        phase = serializers.CharField(
            max_length=LONGEST_CODE,
            required=False,
            help_text="The last one given, if left out.",
        )
        elsewhere_on = DayField(
            required=False,
            allow_null=True,
            default=None,
            help_text="The day of the last infusion of an induction that others completed.",
        )

    @extend_schema(operation_id="responses_record", request=Body, responses={201: Recorded})
    @idempotent
    def post(self, request: Request) -> Response:
        """The same where infusions were booked one by one, or given elsewhere."""
        body, by = parsed(self.Body, request.data), self.by(request)
        about: dict[str, Any] = {
            "patient_id": body["patient"],
            "protocol_code": body["protocol"],
            "finding": _finding(body),
            "by": by,
            "now": self.now(by),
        }
        if body["elsewhere_on"] is None:
            response_id = record_response(phase_code=body.get("phase"), **about)
        elif "phase" in body:
            raise Invalid({"phase": "What was given elsewhere is an induction."})
        else:
            day = day_from(body["elsewhere_on"], "elsewhere_on")
            response_id = record_induction_elsewhere(on=day, **about)
        return Response({"id": str(response_id)}, status=201)


class Scores(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        instrument = serializers.ChoiceField(list(Instrument))
        items = serializers.ListField(
            child=serializers.IntegerField(min_value=0, max_value=MOST_POINTS),
            max_length=MOST_ITEMS,
            help_text="Nine of the PHQ-9, seven of the GAD-7, each from 0 to 3.",
        )
        together = counted_by(
            "instrument",
            Instrument.PHQ_9.value,
            (ITEMS[Instrument.PHQ_9], ITEMS[Instrument.GAD_7]),
            "items",
        )

    @extend_schema(operation_id="scores_record", request=Body, responses={201: ScoreOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep a PHQ-9 or GAD-7; the answer says where help is to be had, if it calls for that."""
        body, by = parsed(self.Body, request.data), self.by(request)
        instrument = Instrument(body["instrument"])
        score_id = record_score(
            patient_id=body.get("patient"),
            instrument=instrument,
            items=body["items"],
            by=by,
            now=self.now(by),
        )
        red_flag = is_red_flag(instrument, body["items"])
        taken = dashboard.score_taken(by, score_id, red_flag=red_flag)
        return Response(ScoreOut(taken).data, status=201)


class SeriesDashboard(Door):
    @extend_schema(operation_id="series_dashboard", responses=DashboardOut)
    def get(self, request: Request, series_id: UUID) -> Response:
        """Where the patient stands in the course that the series belongs to."""
        by = self.by(request)
        found = dashboard.dashboard_of_series(by, series_id, now=self.now(by))
        return Response(DashboardOut(found).data)


class PatientCourse(Door):
    @extend_schema(
        operation_id="patients_course",
        parameters=[text("protocol")],
        responses=DashboardOut,
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        """The same by patient and protocol, also where there is no series."""
        by = self.by(request)
        protocol = needed(request, "protocol")
        found = dashboard.dashboard_of_patient(by, patient_id, protocol, now=self.now(by))
        return Response(DashboardOut(found).data)


def _finding(body: dict[str, Any]) -> Finding:
    return Finding(Improvement(body["improvement"]), body["note"])
