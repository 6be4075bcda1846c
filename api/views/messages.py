"""The dispatcher's doors to messages: what was sent or not, sending again, how the engine is."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Created, Door, PageOf
from api.idempotency import idempotent
from api.listing import choice, choice_in, list_schema, uuid, uuid_in
from dispatch.models.messages import STATES
from dispatch.selectors import messages
from dispatch.selectors.access import visit_for
from dispatch.selectors.engine import EngineCard, engine_card
from dispatch.services.dead_letters import send_again


class MessageOut(Answer[messages.MessageLine]):
    class Meta:
        dataclass = messages.MessageLine


class EngineOut(Answer[EngineCard]):
    class Meta:
        dataclass = EngineCard


class Messages(PageOf):
    @list_schema(
        "messages_list",
        MessageOut,
        uuid("visit"),
        choice("state", STATES, "Any, if left out."),
    )
    def get(self, request: Request) -> Response:
        """What was sent or is due, to whom, by which channel, and what came back."""
        by, visit_id = self.by(request), uuid_in(request, "visit")
        if visit_id is not None:
            visit_for(by, visit_id)
        rows = messages.messages_seen_by(by, visit_id, state=choice_in(request, "state", STATES))
        return self.page(request, rows, partial(messages.message_line, by=by), MessageOut)


class MessageAgain(Door):
    @extend_schema(operation_id="messages_again", request=None, responses={201: Created})
    @idempotent
    def post(self, request: Request, message_id: UUID) -> Response:
        """Send a message again that was given up: a new one, due at once and judged anew."""
        by = self.by(request)
        again = send_again(message_id, by=by, now=self.now(by))
        return Response({"id": str(again)}, status=201)


class MessageEngine(Door):
    @extend_schema(operation_id="messages_engine", responses=EngineOut)
    def get(self, request: Request) -> Response:
        """Whether messages are held, and how those of the market stand."""
        return Response(EngineOut(engine_card(self.by(request).market_id)).data)
