"""Where providers tell what became of our messages, and what people wrote: signed, for anyone."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, PageOf
from api.listing import TASK_STATES, choice, choice_in, list_schema
from dispatch import tenancy
from dispatch.domain.channels import Channel
from dispatch.domain.errors import Forbidden, NotFound
from dispatch.domain.heard import Heard
from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from dispatch.gateways.hooks import Call
from dispatch.selectors.inbound_texts import InboundTextLine, inbound_text_line, inbound_texts_of
from workers.hearing import hear
from workers.wiring import hook

FORM = "application/x-www-form-urlencoded"


class InboundTextOut(Answer[InboundTextLine]):
    class Meta:
        dataclass = InboundTextLine


class TextHook(Door):
    """The signature is the authority; told again, nothing is written twice."""

    authentication_classes = ()
    any_query = True

    @extend_schema(
        operation_id="hooks_texts",
        request={FORM: OpenApiTypes.OBJECT, "application/json": OpenApiTypes.OBJECT},
        responses={204: None},
    )
    @tenancy.everywhere()
    def post(self, request: Request, provider: str) -> Response:
        """Receipts of texts, and texts that people wrote: ``twilio`` or ``standard``."""
        hear(_read(Channel.TEXT, provider, request))
        return Response(status=204)


class EmailHook(Door):
    """The same for e-mail."""

    authentication_classes = ()
    any_query = True

    @extend_schema(
        operation_id="hooks_emails",
        request={"application/json": OpenApiTypes.OBJECT},
        responses={204: None},
    )
    @tenancy.everywhere()
    def post(self, request: Request, provider: str) -> Response:
        """Receipts of e-mails: ``resend``."""
        hear(_read(Channel.EMAIL, provider, request))
        return Response(status=204)


class InboundTexts(PageOf):
    @list_schema(
        "inbound_texts_list",
        InboundTextOut,
        choice("state", TASK_STATES, "open, if left out"),
    )
    def get(self, request: Request) -> Response:
        """Texts that people wrote: those that wait for a person, or the others."""
        state = choice_in(request, "state", TASK_STATES)
        rows = inbound_texts_of(self.by(request), done=state == "done")
        return self.page(request, rows, inbound_text_line, InboundTextOut)


def _read(channel: Channel, provider: str, request: Request) -> tuple[Heard, ...]:
    """Only what is not signed counts against where it comes from; see `domain/limits.py`."""
    try:
        return hook(channel, provider).read(_call(request))
    except (Forbidden, NotFound):
        take("hooks", f"{provider} {address_of(request)}")
        raise


def _call(request: Request) -> Call:
    """As it was signed: the address is the one that the world knows us by."""
    own = request._request
    return Call(settings.PUBLIC_URL + own.get_full_path(), request.headers, own.body)
