"""Looking at a patient's record in an emergency: broken open, read, closed, reviewed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, PageOf, parsed
from api.idempotency import idempotent
from api.listing import list_schema
from dispatch.domain.break_glass import SHORTEST_REASON
from dispatch.selectors.access import broken_glass_for, broken_glasses_of
from dispatch.selectors.broken_glass import GlassLine, OpenedRecord, glass_line
from dispatch.services import break_glass

MOST_MINUTES = 60


class GlassOut(Answer[GlassLine]):
    class Meta:
        dataclass = GlassLine


class OpenedOut(Answer[OpenedRecord]):
    class Meta:
        dataclass = OpenedRecord


class BreakGlass(PageOf):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField()
        reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=LONGEST_TEXT)
        minutes = serializers.IntegerField(
            min_value=1, max_value=MOST_MINUTES, default=MOST_MINUTES
        )

    @list_schema("break_glass_list", GlassOut)
    def get(self, request: Request) -> Response:
        """One's own emergencies; for administrators, all of the market."""
        by = self.by(request)
        now = self.now(by)
        rows = broken_glasses_of(by)
        return self.page(request, rows, lambda row: glass_line(row, now=now), GlassOut)

    @extend_schema(operation_id="break_glass", request=Body, responses={201: GlassOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Open one patient's record for an hour at most; administrators and clinicians are told."""
        body, by = parsed(self.Body, request.data), self.by(request)
        now = self.now(by)
        glass_id = break_glass.break_glass(
            body["patient"], reason=body["reason"], lasts=timedelta(minutes=body["minutes"]),
            by=by, now=now,
        )  # fmt: skip
        opened = glass_line(broken_glass_for(by, glass_id), now=now)
        return Response(GlassOut(opened).data, status=201)


class BrokenGlassRecord(Door):
    @extend_schema(operation_id="break_glass_record", responses=OpenedOut)
    def get(self, request: Request, glass_id: UUID) -> Response:
        """What it opens: answers, screenings, records of visits, medication to be agreed."""
        by = self.by(request)
        return Response(OpenedOut(break_glass.look_through(glass_id, by=by, now=self.now(by))).data)


class BrokenGlassEnd(Door):
    @extend_schema(operation_id="break_glass_end", request=None, responses=GlassOut)
    def post(self, request: Request, glass_id: UUID) -> Response:
        """Close it before its time."""
        by = self.by(request)
        now = self.now(by)
        break_glass.end_broken_glass(glass_id, by=by, now=now)
        return Response(GlassOut(glass_line(broken_glass_for(by, glass_id), now=now)).data)


class BrokenGlassReview(Door):
    class Body(serializers.Serializer[Any]):
        finding = serializers.CharField(max_length=LONGEST_TEXT)

    @extend_schema(operation_id="break_glass_review", request=Body, responses=GlassOut)
    def post(self, request: Request, glass_id: UUID) -> Response:
        """Say what came of looking into somebody else's emergency."""
        body, by = parsed(self.Body, request.data), self.by(request)
        now = self.now(by)
        break_glass.review_broken_glass(glass_id, finding=body["finding"], by=by, now=now)
        return Response(GlassOut(glass_line(broken_glass_for(by, glass_id), now=now)).data)
