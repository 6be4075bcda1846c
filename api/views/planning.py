"""The planner's doors: absences, repairs and plans, each worked out beside and accepted whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, day_from, instant_at, parsed
from api.fields import DayField, MomentField, both_or_none, one_or_all
from api.headers import IF_MATCH, IF_NONE_MATCH
from api.idempotency import idempotent
from api.tags import matched, tagged
from dispatch.domain.clock import day_bounds
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.jobs import Cause
from dispatch.domain.people import Actor
from dispatch.selectors.people import my_account
from dispatch.selectors.proposals import AbsenceLine, JobLine, absence_seen_by, job_seen_by
from dispatch.services.absences import record_absence
from dispatch.services.applying import accept_proposal
from dispatch.services.plans import ask_for_plan, ask_for_repair, stop_plan

DEFAULT_S = 10
LONGEST_S = 120
MOST_PROPOSALS = 100


class PlanOut(Answer[JobLine]):
    class Meta:
        dataclass = JobLine


class AbsenceOut(Answer[AbsenceLine]):
    class Meta:
        dataclass = AbsenceLine


class Plans(Door):
    class Body(serializers.Serializer[Any]):
        market = serializers.UUIDField()
        date = DayField()
        seconds = serializers.IntegerField(
            min_value=1,
            max_value=LONGEST_S,
            default=DEFAULT_S,
            help_text="How long the planner may look.",
        )

    @extend_schema(operation_id="plans_ask", request=Body, responses={201: PlanOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have a day planned; look at the plan while it is worked out, and accept it or not."""
        body, by = parsed(self.Body, request.data), self.by(request)
        _check_market(by, body["market"])
        day = day_from(body["date"], "date")
        job_id = ask_for_plan(day, body["seconds"], by=by, now=self.now(by))
        return _job(by, job_id, Cause.PLAN, 201)


class PlanDetail(Door):
    @extend_schema(operation_id="plans_read", parameters=[IF_NONE_MATCH], responses=PlanOut)
    @tagged
    def get(self, request: Request, job_id: UUID) -> Response:
        """A plan: how far it is, and once it is ready the difference to the routes in force."""
        return _job(self.by(request), job_id, Cause.PLAN)


class PlanStop(Door):
    @extend_schema(operation_id="plans_stop", request=None, responses=PlanOut)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Have the planner stop; it keeps its best plan so far."""
        by = self.by(request)
        stop_plan(job_id, by=by, now=self.now(by))
        return _job(by, job_id, Cause.PLAN)


class PlanAccept(Door):
    @extend_schema(
        operation_id="plans_accept", request=None, responses=PlanOut, parameters=[IF_MATCH]
    )
    @tagged
    def post(self, request: Request, job_id: UUID) -> Response:
        """Put the plan into force, whole; 409 where the day has changed meanwhile."""
        by = self.by(request)
        with matched(request, f"job:{job_id}", lambda: _line(by, job_id, Cause.PLAN)):
            accept_proposal(job_id, Cause.PLAN, 1, by=by, now=self.now(by))
        return _job(by, job_id, Cause.PLAN)


class Absences(Door):
    class Body(serializers.Serializer[Any]):
        """A span, or a whole day of the market."""

        together = one_or_all("date", "from", "until")
        nurse = serializers.UUIDField()
        until = MomentField(required=False)
        date = DayField(required=False)
        reason = serializers.CharField(
            max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
        )

        def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
            """``from`` is a word of Python's own."""
            begins = MomentField(required=False)
            return {**super().get_fields(), "from": begins}

    @extend_schema(operation_id="absences_record", request=Body, responses={201: AbsenceOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Record that a nurse is away: no slots there any more, and repairs are looked for."""
        body, by = parsed(self.Body, request.data), self.by(request)
        zone = my_account(by, "").market.zone
        if "date" in body:
            _check_absent(body, "from", "until", beside="date")
            start, end = day_bounds(day_from(body["date"], "date"), zone)
        else:
            start, end = (instant_at(_needed(body, name), zone, name) for name in ("from", "until"))
        absence_id = record_absence(
            body["nurse"], start, end, reason=body["reason"], by=by, now=self.now(by)
        )
        return Response(AbsenceOut(absence_seen_by(by, absence_id)).data, status=201)


class Repairs(Door):
    class Body(serializers.Serializer[Any]):
        market = serializers.UUIDField()
        date = DayField()
        visit = serializers.UUIDField(
            required=False, help_text="A visit under way that will last …"
        )
        until = MomentField(required=False, help_text="… until then.")
        together = both_or_none("visit", "until")

    @extend_schema(operation_id="repairs_ask", request=Body, responses={201: PlanOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have repairs worked out for what cannot be kept on a day: late routes, lost nurses.

        Where nothing is broken: only what saves driving and of which nobody need be told.
        """
        body, by = parsed(self.Body, request.data), self.by(request)
        _check_market(by, body["market"])
        zone, until = my_account(by, "").market.zone, None
        if body.keys() & {"visit", "until"}:
            _needed(body, "visit")
            until = instant_at(_needed(body, "until"), zone, "until")
        job_id = ask_for_repair(
            day_from(body["date"], "date"),
            visit_id=body.get("visit"),
            until=until,
            by=by,
            now=self.now(by),
        )
        return _job(by, job_id, Cause.REPAIR, 201)


class RepairDetail(Door):
    @extend_schema(operation_id="repairs_read", parameters=[IF_NONE_MATCH], responses=PlanOut)
    @tagged
    def get(self, request: Request, job_id: UUID) -> Response:
        """Repairs: how far they are, and once they are ready up to three, best first."""
        return _job(self.by(request), job_id, Cause.REPAIR)


class RepairAccept(Door):
    class Body(serializers.Serializer[Any]):
        proposal = serializers.IntegerField(
            min_value=1, max_value=MOST_PROPOSALS, help_text="The number of the proposal."
        )

    @extend_schema(
        operation_id="repairs_accept", request=Body, responses=PlanOut, parameters=[IF_MATCH]
    )
    @tagged
    def post(self, request: Request, job_id: UUID) -> Response:
        """Put one of the repairs into force, whole; 409 where the day has changed meanwhile."""
        body, by = parsed(self.Body, request.data), self.by(request)
        with matched(request, f"job:{job_id}", lambda: _line(by, job_id, Cause.REPAIR)):
            accept_proposal(job_id, Cause.REPAIR, body["proposal"], by=by, now=self.now(by))
        return _job(by, job_id, Cause.REPAIR)


def _job(by: Actor, job_id: UUID, cause: Cause, status: int = 200) -> Response:
    return Response(_line(by, job_id, cause), status=status)


def _line(by: Actor, job_id: UUID, cause: Cause) -> Any:
    return PlanOut(job_seen_by(by, job_id, cause)).data


def _check_market(by: Actor, market_id: UUID) -> None:
    if market_id != by.market_id:
        raise NotFound("market")


def _check_absent(body: dict[str, Any], *names: str, beside: str) -> None:
    for name in names:
        if name in body:
            raise Invalid({name: f"Give this or {beside}, not both."})


def _needed(body: dict[str, Any], name: str) -> str:
    if name not in body:
        raise Invalid({name: "This field is needed."})
    return str(body[name])
