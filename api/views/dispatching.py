"""The dispatcher's doors: candidates, assigning by hand, the board, the demo's clock."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_TEXT, Answer, Door, day_from, parsed
from api.headers import IF_VERSION
from api.listing import day, needed, page_of, uuid, uuid_in
from api.tags import tagged
from api.views.visits import VisitOut, changed
from dispatch.domain.errors import NotFound
from dispatch.domain.people import Actor
from dispatch.selectors import board, candidates
from dispatch.selectors.access import visit_for
from dispatch.selectors.people import MarketCard, my_account
from dispatch.services.assignment import assign_by_hand
from dispatch.services.clock import advance_clock

LONGEST_STEP_S = 14 * 24 * 3600


class CandidateOut(Answer[candidates.Candidate]):
    class Meta:
        dataclass = candidates.Candidate


class BoardOut(Answer[board.Board]):
    class Meta:
        dataclass = board.Board


class MarketOut(Answer[MarketCard]):
    class Meta:
        dataclass = MarketCard


class VisitCandidates(Door):
    @extend_schema(operation_id="visits_candidates", responses=page_of(CandidateOut))
    def get(self, request: Request, visit_id: UUID) -> Response:
        """Every nurse on shift then: the burden, or the rules broken and the nearest fix."""
        by = self.by(request)
        found = candidates.candidates_for(visit_for(by, visit_id), now=self.now(by))
        results = CandidateOut(list(found), many=True).data
        return Response({"next": None, "previous": None, "results": results})


class VisitAssign(Door):
    class Body(serializers.Serializer[Any]):
        nurse = serializers.UUIDField()
        reason = serializers.CharField(
            max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
        )
        patient_agreed = serializers.BooleanField(
            required=False,
            default=False,
            help_text="The patient does without the nurse whom they asked for; say why.",
        )

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if attrs["patient_agreed"] and not attrs["reason"]:
                raise serializers.ValidationError({"reason": "Say what the patient agreed to."})
            return attrs

    @extend_schema(
        operation_id="visits_assign", request=Body, responses=VisitOut, parameters=[IF_VERSION]
    )
    @tagged
    def post(self, request: Request, visit_id: UUID) -> Response:
        """Give a visit to a nurse by hand, under the rules that the workers keep."""
        body = parsed(self.Body, request.data)
        agreed = body["patient_agreed"]
        change = partial(
            assign_by_hand, visit_id, body["nurse"], reason=body["reason"], patient_agreed=agreed
        )
        return changed(self, request, visit_id, change)


class Board(Door):
    @extend_schema(
        operation_id="board_read",
        parameters=[
            uuid("market", required=True),
            day("date", required=True),
        ],
        responses=BoardOut,
    )
    def get(self, request: Request) -> Response:
        """A market's day: shifts with their stops, what has no nurse, and what wants an eye."""
        by = self.by(request)
        market_id = _own_market(by, uuid_in(request, "market"))
        shown = day_from(needed(request, "date"), "date")
        return Response(BoardOut(board.board_of(market_id, shown, now=self.now(by))).data)


class MarketClock(Door):
    class Body(serializers.Serializer[Any]):
        advance_s = serializers.IntegerField(min_value=1, max_value=LONGEST_STEP_S)

    @extend_schema(operation_id="markets_clock", request=Body, responses=MarketOut)
    def post(self, request: Request, market_id: UUID) -> Response:
        """Move a demo market's clock forward."""
        body, by = parsed(self.Body, request.data), self.by(request)
        _own_market(by, market_id)
        step = timedelta(seconds=body["advance_s"])
        advance_clock(market_id, step, by=by, now=self.now(by))
        return Response(MarketOut(my_account(by, "").market).data)


def _own_market(by: Actor, market_id: UUID | None) -> UUID:
    if market_id != by.market_id:
        raise NotFound("market")
    return by.market_id
