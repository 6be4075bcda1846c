"""The clinicians who watch infusions from afar, and how many each can watch at once."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Door, PageOf, instant_at, parsed
from api.fields import MomentField
from api.idempotency import idempotent
from api.listing import list_schema
from dispatch.domain.people import Actor
from dispatch.selectors import supervision
from dispatch.selectors.access import supervision_for
from dispatch.selectors.clock import zone_of
from dispatch.services.supervision import end_supervision, supervise

MOST_INFUSIONS = 1000


class SupervisionLine(Answer[supervision.SupervisionLine]):
    class Meta:
        dataclass = supervision.SupervisionLine


class Supervisions(PageOf):
    class Body(serializers.Serializer[Any]):
        clinician = serializers.CharField(
            max_length=LONGEST_LINE, help_text="The username of a prescriber."
        )
        infusions = serializers.IntegerField(min_value=1, max_value=MOST_INFUSIONS)
        begins_at = MomentField()
        ends_at = MomentField(required=False, help_text="Left out: until further notice.")

    @list_schema("supervisions_list", SupervisionLine)
    def get(self, request: Request) -> Response:
        """The duties of the market's clinicians. Without any, infusions are not limited."""
        rows = supervision.supervisions_of(self.by(request))
        return self.page(request, rows, supervision.supervision_line, SupervisionLine)

    @extend_schema(operation_id="supervisions_add", request=Body, responses={201: SupervisionLine})
    @idempotent
    def post(self, request: Request) -> Response:
        """Put a clinician on duty; the market's limit is the sum of those on duty."""
        body, by = parsed(self.Body, request.data), self.by(request)
        zone, ends = zone_of(by.market_id), body.get("ends_at")
        duty_id = supervise(
            clinician=body["clinician"],
            infusions=body["infusions"],
            begins_at=instant_at(body["begins_at"], zone, "begins_at"),
            ends_at=None if ends is None else instant_at(ends, zone, "ends_at"),
            by=by,
            now=self.now(by),
        )
        return Response(_shown(by, duty_id), status=201)


class SupervisionEnd(Door):
    class Body(serializers.Serializer[Any]):
        ends_at = MomentField()

    @extend_schema(operation_id="supervisions_end", request=Body, responses=SupervisionLine)
    def post(self, request: Request, supervision_id: UUID) -> Response:
        """End a duty. What was promised stays; nothing more is promised beyond the others."""
        body, by = parsed(self.Body, request.data), self.by(request)
        ends_at = instant_at(body["ends_at"], zone_of(by.market_id), "ends_at")
        end_supervision(supervision_id, ends_at=ends_at, by=by, now=self.now(by))
        return Response(_shown(by, supervision_id))


def _shown(by: Actor, supervision_id: UUID) -> Any:
    duty = supervision_for(by, supervision_id)
    return SupervisionLine(supervision.supervision_line(duty)).data
