"""What nurses' phones tell of a visit, and the record that follows from it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door
from api.fields import LONGEST_TIME
from dispatch.domain.field_events import EventType
from dispatch.domain.visit_record import VisitRecord
from dispatch.selectors.records import record_seen_by
from dispatch.services.fieldwork import record_events


class RecordOut(Answer[VisitRecord]):
    class Meta:
        dataclass = VisitRecord


class VisitEvents(Door):
    class Event(serializers.Serializer[Any]):
        id = serializers.UUIDField(help_text="The device's own; sent again, it is passed over.")
        type = serializers.ChoiceField(choices=[kind.value for kind in EventType])
        device_time = serializers.CharField(max_length=LONGEST_TIME)
        data = serializers.DictField(required=False, help_text="By type; units in the names.")  # type: ignore[assignment]  # not the serializer's own

    @extend_schema(
        operation_id="visits_events", request=Event(many=True), responses={200: RecordOut}
    )
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Tell what happened, online or later, in any order, twice or in parts: all of it is kept.

        Nothing is refused for what it says; what contradicts the record is flagged there.
        """
        by = self.by(request)
        record_events(visit_id, request.data, by=by, now=self.now(by))
        return Response(RecordOut(record_seen_by(by, visit_id)).data)


class VisitRecordDetail(Door):
    @extend_schema(operation_id="visits_record", responses=RecordOut)
    def get(self, request: Request, visit_id: UUID) -> Response:
        """What happened at the visit; dispatchers see its times and flags, not what was found."""
        return Response(RecordOut(record_seen_by(self.by(request), visit_id)).data)
