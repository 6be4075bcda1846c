"""Visits: booked, listed, shown; called off, moved, their companion named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import (
    LONGEST_TEXT,
    Answer,
    Door,
    PageOf,
    day_from,
    expected_version,
    instant_at,
    parsed,
)
from api.expanding import EXPAND, ExpandedOut, expand_in, with_expanded
from api.fields import MomentField, one_or_all, price_field
from api.headers import IF_NONE_MATCH, IF_VERSION
from api.idempotency import HEADER, idempotent
from api.listing import choice, choice_in, day, days_in, list_schema, uuid, uuid_in
from api.tags import tag_of, tagged
from dispatch.domain.people import Actor
from dispatch.domain.visit import ON_ROUTE, Action, Status
from dispatch.selectors import visits
from dispatch.selectors.access import location_for
from dispatch.services.booking import book_hold, request_visit
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from dispatch.services.companions import name_companion
from dispatch.services.fieldwork import perform


class VisitLine(Answer[visits.VisitLine]):
    expanded = ExpandedOut(required=False, help_text="Where expand asked for it.")

    class Meta:
        dataclass = visits.VisitLine


class VisitOut(Answer[visits.VisitDetail]):
    expanded = ExpandedOut(required=False, help_text="Where expand asked for it.")

    class Meta:
        dataclass = visits.VisitDetail


class Reason(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
    )


def shown(
    door: Door,
    by: Actor,
    visit_id: UUID,
    status: int = 200,
    *,
    expand: frozenset[str] = frozenset(),
) -> Response:
    """Answer with the visit as it now is, its version as ETag."""
    detail = visits.visit_seen_by(by, visit_id, now=door.now(by))
    (data,) = with_expanded([VisitOut(detail).data], [detail], expand, by)
    return Response(data, status=status, headers={"ETag": tag_of(data, detail.version)})


def changed(door: Door, request: Request, visit_id: UUID, change: Callable[..., None]) -> Response:
    """Make the change, if the visit is as the If-Match header has it, and answer with the visit."""
    by = door.by(request)
    change(expected_version=expected_version(request), by=by, now=door.now(by))
    return shown(door, by, visit_id)


class Visits(PageOf):
    class Body(serializers.Serializer[Any]):
        class AskedWindow(serializers.Serializer[Any]):
            start = MomentField()
            end = MomentField()

        hold = serializers.UUIDField(required=False, help_text="Books what is held, or …")
        protocol = serializers.CharField(max_length=64, required=False, help_text="… asks for")
        location = serializers.UUIDField(required=False, help_text="a treatment at a place")
        window = AskedWindow(required=False, help_text="at any time within this window.")
        companion = serializers.UUIDField(required=False, allow_null=True, default=None)
        price_cents = price_field("The self-pay price that the patient was shown.")
        together = one_or_all("hold", "protocol", "location", "window")

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
        choice("status", Status),
        day("date", "Day of service, or …"),
        day("from", "… its first and …"),
        day("to", "… its last day, 92 days at most."),
        uuid("nurse", "On this nurse's route."),
        uuid("patient"),
        uuid("series"),
        EXPAND,
    )
    def get(self, request: Request) -> Response:
        """A patient's own visits, a nurse's, or those of the market."""
        by = self.by(request)
        rows, names = visits.visits_seen_by(by, **_filters(request)), expand_in(request, by)
        along = partial(with_expanded, names=names, by=by)
        return self.page(request, rows, visits.line, VisitLine, along)

    @extend_schema(operation_id="visits_book", request=Body, responses={201: VisitOut})
    @tagged
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
    @extend_schema(
        operation_id="visits_read", parameters=[EXPAND, IF_NONE_MATCH], responses=VisitOut
    )
    @tagged
    def get(self, request: Request, visit_id: UUID) -> Response:
        """One visit with its gates: what is open, what is not, why, and who can help."""
        by = self.by(request)
        return shown(self, by, visit_id, expand=expand_in(request, by))


class VisitCancel(Door):
    class Body(Reason):
        charge = serializers.BooleanField(
            default=True, help_text="False where it is the company that calls off."
        )

    @extend_schema(
        operation_id="visits_cancel", request=Body, responses=VisitOut, parameters=[IF_VERSION]
    )
    @tagged
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Call a visit off; whoever was told of it is told."""
        body = parsed(self.Body, request.data)
        change = partial(cancel_visit, visit_id, **body)
        return changed(self, request, visit_id, change)


class VisitReschedule(Door):
    class Body(serializers.Serializer[Any]):
        hold = serializers.UUIDField()

    @extend_schema(
        operation_id="visits_reschedule", request=Body, responses=VisitOut, parameters=[IF_VERSION]
    )
    @tagged
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Move a visit to a held slot."""
        body = parsed(self.Body, request.data)
        change = partial(reschedule_visit, visit_id, body["hold"])
        return changed(self, request, visit_id, change)


class VisitCompanion(Door):
    class Body(serializers.Serializer[Any]):
        companion = serializers.UUIDField()

    @extend_schema(
        operation_id="visits_companion", request=Body, responses=VisitOut, parameters=[IF_VERSION]
    )
    @tagged
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

    @extend_schema(request=Body, responses=VisitOut, parameters=[IF_VERSION])
    @tagged
    def post(self, request: Request, visit_id: UUID) -> Response:
        """The nurse does a step of the visit; refused while something before it is missing."""
        body = parsed(self.Body, request.data)
        change = partial(perform, visit_id, self.step, **body)
        return changed(self, request, visit_id, change)


def _filters(request: Request) -> dict[str, Any]:
    """What the query asks for, by the columns; a nurse is asked for where a visit is on a route."""
    filters: dict[str, Any] = {}
    if (status := choice_in(request, "status", Status)) is not None:
        filters["status"] = status
    if (nurse := uuid_in(request, "nurse")) is not None:
        filters |= {"reservation__nurse_id": nurse, "status__in": ON_ROUTE}
    for name, column in (("patient", "patient_id"), ("series", "series_id")):
        if (asked := uuid_in(request, name)) is not None:
            filters[column] = asked
    if (text := request.query_params.get("date")) is not None:
        filters["service_date"] = day_from(text, "date")
    if request.query_params.keys() & {"from", "to"}:
        filters["service_date__range"] = days_in(request)
    return filters
