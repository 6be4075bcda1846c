"""Visits: booked, listed, shown; called off, moved, their companion named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import (
    LONGEST_TEXT,
    LONGEST_TIME,
    Answer,
    Door,
    PageOf,
    day_from,
    expected_version,
    instant_at,
    parsed,
)
from api.fields import price_field
from api.idempotency import HEADER, idempotent
from api.listing import list_schema
from dispatch.domain.people import Actor
from dispatch.domain.visit import Action, Status
from dispatch.selectors import visits
from dispatch.selectors.access import location_for
from dispatch.services.booking import book_hold, request_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.companions import name_companion
from dispatch.services.fieldwork import perform

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER)


class VisitLine(Answer[visits.VisitLine]):
    class Meta:
        dataclass = visits.VisitLine


class VisitOut(Answer[visits.VisitDetail]):
    class Meta:
        dataclass = visits.VisitDetail


class Reason(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
    )


def shown(door: Door, by: Actor, visit_id: UUID, status: int = 200) -> Response:
    """Answer with the visit as it now is, its version as ETag."""
    detail = visits.visit_seen_by(by, visit_id, now=door.now(by))
    return Response(VisitOut(detail).data, status=status, headers={"ETag": f'"{detail.version}"'})


def changed(door: Door, request: Request, visit_id: UUID, change: Callable[..., None]) -> Response:
    """Make the change, if the visit is as the If-Match header has it, and answer with the visit."""
    by = door.by(request)
    change(expected_version=expected_version(request), by=by, now=door.now(by))
    return shown(door, by, visit_id)


class Visits(PageOf):
    class Body(serializers.Serializer[Any]):
        class AskedWindow(serializers.Serializer[Any]):
            start = serializers.CharField(max_length=LONGEST_TIME)
            end = serializers.CharField(max_length=LONGEST_TIME)

        hold = serializers.UUIDField(required=False, help_text="Books what is held, or …")
        protocol = serializers.CharField(max_length=64, required=False, help_text="… asks for")
        location = serializers.UUIDField(required=False, help_text="a treatment at a place")
        window = AskedWindow(required=False, help_text="at any time within this window.")
        companion = serializers.UUIDField(required=False, allow_null=True, default=None)
        price_cents = price_field("The self-pay price that the patient was shown.")

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            asked = {"protocol", "location", "window"}
            if "hold" not in attrs and (missing := sorted(asked - attrs.keys())):
                raise ValidationError(dict.fromkeys(missing, "Needed where no hold is booked."))
            if "hold" in attrs and (extra := sorted(asked & attrs.keys())):
                raise ValidationError(dict.fromkeys(extra, "The hold says this already."))
            return attrs

    @list_schema(
        "visits_list",
        VisitLine,
        OpenApiParameter("status", str),
        OpenApiParameter("date", str, description="Day of service."),
    )
    def get(self, request: Request) -> Response:
        """A patient's own visits, a nurse's, or those of the market."""
        rows = visits.visits_seen_by(self.by(request), **_filters(request))
        return self.page(request, rows, visits.line, VisitLine)

    @extend_schema(operation_id="visits_book", request=Body, responses={201: VisitOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Book a held slot, or ask for a time; a worker then gives the visit to a nurse."""
        body, by = parsed(self.Body, request.data), self.by(request)
        key = request.headers.get(HEADER)
        common = {
            "companion_id": body["companion"],
            "price_cents": body.get("price_cents"),
            "key": key,
            "by": by,
            "now": self.now(by),
        }
        if "hold" in body:
            return shown(self, by, book_hold(body["hold"], **common), 201)
        zone = location_for(by, body["location"]).zone
        visit_id = request_visit(
            location_id=body["location"],
            protocol_code=body["protocol"],
            start=instant_at(body["window"]["start"], zone, "window.start"),
            end=instant_at(body["window"]["end"], zone, "window.end"),
            **common,
        )
        return shown(self, by, visit_id, 201)


class VisitDetail(Door):
    @extend_schema(operation_id="visits_read", responses=VisitOut)
    def get(self, request: Request, visit_id: UUID) -> Response:
        """One visit with its gates: what is open, what is not, why, and who can help."""
        return shown(self, self.by(request), visit_id)


class VisitCancel(Door):
    class Body(Reason):
        charge = serializers.BooleanField(
            default=True, help_text="False where it is the company that calls off."
        )

    @extend_schema(
        operation_id="visits_cancel", request=Body, responses=VisitOut, parameters=[IF_MATCH]
    )
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Call a visit off; whoever was told of it is told."""
        body = parsed(self.Body, request.data)
        change = partial(cancel_visit, visit_id, **body)
        return changed(self, request, visit_id, change)


class VisitReschedule(Door):
    class Body(serializers.Serializer[Any]):
        hold = serializers.UUIDField()

    @extend_schema(
        operation_id="visits_reschedule", request=Body, responses=VisitOut, parameters=[IF_MATCH]
    )
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Move a visit to a held slot."""
        body = parsed(self.Body, request.data)
        change = partial(reschedule_visit, visit_id, body["hold"])
        return changed(self, request, visit_id, change)


class VisitCompanion(Door):
    class Body(serializers.Serializer[Any]):
        companion = serializers.UUIDField()

    @extend_schema(
        operation_id="visits_companion", request=Body, responses=VisitOut, parameters=[IF_MATCH]
    )
    def put(self, request: Request, visit_id: UUID) -> Response:
        """Name who stays or drives; that person is asked."""
        body = parsed(self.Body, request.data)
        change = partial(name_companion, visit_id, body["companion"])
        return changed(self, request, visit_id, change)


class VisitStep(Door):
    """One door for every step of the visit; each address has its own."""

    class Body(Reason):
        data = serializers.DictField(  # type: ignore[assignment]  # not the serializer's own
            required=False, help_text="What the event of this step carries; see visits/…/events."
        )

    step = Action.DEPART

    @extend_schema(request=Body, responses=VisitOut, parameters=[IF_MATCH])
    def post(self, request: Request, visit_id: UUID) -> Response:
        """The nurse does a step of the visit; refused while something before it is missing."""
        body = parsed(self.Body, request.data)
        change = partial(perform, visit_id, self.step, **body)
        return changed(self, request, visit_id, change)


def _filters(request: Request) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if (status := request.query_params.get("status")) is not None:
        if status not in list(Status):
            raise ValidationError({"status": f"One of {', '.join(Status)}."})
        filters["status"] = status
    if (day := request.query_params.get("date")) is not None:
        filters["service_date"] = day_from(day, "date")
    return filters
