"""Screening: questions answered all at once or one at a time, and what a clinician decides."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Created, Door, day_from, parsed
from api.fields import DayField
from api.idempotency import idempotent
from api.listing import needed, text, uuid, uuid_in
from dispatch.selectors import screening
from dispatch.selectors.gates import visit_questions_seen_by
from dispatch.selectors.screening import progress_seen_by
from dispatch.selectors.verdicts import ScreeningResult, screening_seen_by
from dispatch.services.medication import agree_last_dose
from dispatch.services.screening import clear_screening, keep_answers, record_screening

LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """What is told after answers: ``screening`` once all questions have an answer."""

    progress: screening.ScreeningProgress
    crisis: list[str]
    screening: ScreeningResult | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """The first day on which an infusion may be given."""

    earliest_on: date


class ScreeningOut(Answer[ScreeningResult]):
    class Meta:
        dataclass = ScreeningResult


class ProgressOut(Answer[screening.ScreeningProgress]):
    class Meta:
        dataclass = screening.ScreeningProgress


class AnsweredOut(Answer[Answered]):
    class Meta:
        dataclass = Answered


class AgreedOut(Answer[Agreed]):
    class Meta:
        dataclass = Agreed


class VisitQuestionsOut(Answer[screening.VisitQuestions]):
    class Meta:
        dataclass = screening.VisitQuestions


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
        result = screening_seen_by(by, screening_id, heard=True)
        return Response(ScreeningOut(result).data, status=201)


class ScreeningAnswers(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        protocol = serializers.CharField(max_length=LONGEST_CODE)
        answers = serializers.DictField(
            help_text="Any of them, by question id; null where there is nothing to say."
        )

    @extend_schema(
        operation_id="screenings_resume",
        parameters=[
            text("protocol"),
            uuid("patient", "Staff name the patient."),
        ],
        responses=ProgressOut,
    )
    def get(self, request: Request) -> Response:
        """How far the patient is with a questionnaire, and what is asked next."""
        by = self.by(request)
        patient_id, code = uuid_in(request, "patient"), needed(request, "protocol")
        progress = progress_seen_by(by, patient_id, code, now=self.now(by))
        return Response(ProgressOut(progress).data)

    @extend_schema(operation_id="screenings_answer", request=Body, responses={201: AnsweredOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep some answers: what is asked next, and the verdict once nothing is.

        ``crisis`` says where help is to be had, as soon as an answer calls for it.
        """
        body, by = parsed(self.Body, request.data), self.by(request)
        now = self.now(by)
        kept = keep_answers(
            patient_id=body.get("patient"),
            protocol_code=body["protocol"],
            answers=body["answers"],
            by=by,
            now=now,
        )
        progress = progress_seen_by(by, body.get("patient"), body["protocol"], now=now)
        screening = kept.screening_id and screening_seen_by(by, kept.screening_id)
        answered = Answered(progress, list(kept.crisis), screening or None)
        return Response(AnsweredOut(answered).data, status=201)


class VisitQuestions(Door):
    @extend_schema(operation_id="visits_questions", responses=VisitQuestionsOut)
    def get(self, request: Request, visit_id: UUID) -> Response:
        """What is to be answered before a visit; it is answered at screenings/answers."""
        by = self.by(request)
        found = visit_questions_seen_by(by, visit_id, now=self.now(by))
        return Response(VisitQuestionsOut(found).data)


class ScreeningDetail(Door):
    @extend_schema(operation_id="screenings_read", responses=ScreeningOut)
    def get(self, request: Request, screening_id: UUID) -> Response:
        """One screening's outcome; its reasons for the patient and for prescribers."""
        return Response(ScreeningOut(screening_seen_by(self.by(request), screening_id)).data)


class ScreeningClearance(Door):
    @extend_schema(operation_id="screenings_clear", request=None, responses={201: Created})
    @idempotent
    def post(self, request: Request, screening_id: UUID) -> Response:
        """A prescriber clears a patient whose answers were to be reviewed."""
        by = self.by(request)
        clearance_id = clear_screening(screening_id, by=by, now=self.now(by))
        return Response({"id": str(clearance_id)}, status=201)


class ScreeningMedication(Door):
    class Body(serializers.Serializer[Any]):
        rule = serializers.CharField(max_length=LONGEST_CODE)
        last_dose_on = DayField(help_text="2027-03-01")
        agreed_with = serializers.CharField(
            max_length=LONGEST_LINE, help_text="The patient's own provider."
        )

    @extend_schema(operation_id="screenings_medication", request=Body, responses={201: AgreedOut})
    @idempotent
    def post(self, request: Request, screening_id: UUID) -> Response:
        """A prescriber records the last dose that was agreed with the patient's own provider."""
        body, by = parsed(self.Body, request.data), self.by(request)
        earliest = agree_last_dose(
            screening_id,
            rule_code=body["rule"],
            last_dose_on=day_from(body["last_dose_on"], "last_dose_on"),
            agreed_with=body["agreed_with"],
            by=by,
            now=self.now(by),
        )
        return Response(AgreedOut(Agreed(earliest)).data, status=201)
