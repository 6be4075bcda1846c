"""The market's webhooks: receivers of a customer's, their secrets, and what went to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Created, Door, PageOf, instant_at, parsed
from api.fields import MomentField, SecretField
from api.headers import IF_MATCH, IF_NONE_MATCH
from api.idempotency import idempotent
from api.listing import choice, choice_in, list_schema
from api.tags import matched, tagged
from dispatch.domain.people import Actor
from dispatch.domain.webhooks import SUBSCRIBABLE, DeliveryState
from dispatch.gateways.customers import LONGEST_URL, customers
from dispatch.selectors import webhooks
from dispatch.selectors.access import delivery_for, webhook_for
from dispatch.selectors.clock import zone_of
from dispatch.services.webhooks import (
    add_webhook,
    remove_webhook,
    renew_secret,
    replay_delivery,
    replay_period,
    try_webhook,
)

TYPES = [topic.value for topic in SUBSCRIBABLE]
STATES = [state.value for state in DeliveryState]


class WebhookOut(Answer[webhooks.WebhookLine]):
    class Meta:
        dataclass = webhooks.WebhookLine


class DeliveryOut(Answer[webhooks.DeliveryLine]):
    class Meta:
        dataclass = webhooks.DeliveryLine


class SecretOut(serializers.Serializer[Any]):
    """A receiver's secret, shown this once."""

    id = serializers.UUIDField()
    secret = SecretField(help_text="whsec_…: what messages are signed with.")


class Webhooks(PageOf):
    shown_once = frozenset({"secret"})

    class Body(serializers.Serializer[Any]):
        url = serializers.CharField(
            max_length=LONGEST_URL, help_text="https://…, on the public internet."
        )
        events = serializers.ListField(
            child=serializers.ChoiceField(TYPES),
            required=False,
            allow_empty=False,
            max_length=len(TYPES),
            help_text="What to be called for; left out: everything.",
        )

    @list_schema("webhooks_list", WebhookOut)
    def get(self, request: Request) -> Response:
        """The market's webhooks, those switched off among them."""
        rows = webhooks.webhooks_of(self.by(request))
        return self.page(request, rows, webhooks.webhook_line, WebhookOut)

    @extend_schema(operation_id="webhooks_add", request=Body, responses={201: SecretOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have a customer's receiver called when something happens to a visit or a series."""
        body, by = parsed(self.Body, request.data), self.by(request)
        webhook_id, secret = add_webhook(
            body["url"], body.get("events", []), to=customers(), by=by, now=self.now(by)
        )
        return Response(SecretOut({"id": webhook_id, "secret": secret}).data, status=201)


class WebhookDetail(Door):
    @extend_schema(operation_id="webhooks_read", parameters=[IF_NONE_MATCH], responses=WebhookOut)
    @tagged
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """One webhook, also where it is switched off."""
        return Response(_shown(self.by(request), webhook_id))

    @extend_schema(
        operation_id="webhooks_remove",
        request=None,
        responses={204: OpenApiResponse()},
        parameters=[IF_MATCH],
    )
    def delete(self, request: Request, webhook_id: UUID) -> Response:
        """Switch a webhook off for good; what still waited for it is given up."""
        by = self.by(request)
        with matched(request, f"webhook:{webhook_id}", lambda: _shown(by, webhook_id)):
            remove_webhook(webhook_id, by=by, now=self.now(by))
        return Response(status=204)


class WebhookSecret(Door):
    shown_once = frozenset({"secret"})

    @extend_schema(
        operation_id="webhooks_secret",
        request=None,
        responses={201: SecretOut},
        parameters=[IF_MATCH],
    )
    @idempotent
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """A new secret; for a day messages are signed with the old one as well."""
        by = self.by(request)
        with matched(request, f"webhook:{webhook_id}", lambda: _shown(by, webhook_id)):
            secret = renew_secret(webhook_id, by=by, now=self.now(by))
        return Response(SecretOut({"id": webhook_id, "secret": secret}).data, status=201)


class WebhookTest(Door):
    @extend_schema(operation_id="webhooks_test", request=None, responses={201: Created})
    @idempotent
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Send a message of type webhook.test; the answer is the message's id."""
        by = self.by(request)
        delivery_id = try_webhook(webhook_id, by=by, now=self.now(by))
        return Response(Created({"id": delivery_id}).data, status=201)


class WebhookDeliveries(PageOf):
    @list_schema(
        "webhooks_deliveries",
        DeliveryOut,
        choice("state", STATES, "All, if left out."),
    )
    def get(self, request: Request, webhook_id: UUID) -> Response:
        """What went to a webhook, what waits, and what was given up."""
        state = choice_in(request, "state", STATES)
        endpoint = webhook_for(self.by(request), webhook_id)
        rows = webhooks.deliveries_to(endpoint, state)
        return self.page(request, rows, webhooks.delivery_line, DeliveryOut)


class WebhookReplay(Door):
    class Body(serializers.Serializer[Any]):
        since = MomentField()
        until = MomentField(help_text="Up to and without this instant.")

    class Out(serializers.Serializer[Any]):
        """How many messages are sent."""

        messages = serializers.IntegerField()

    @extend_schema(operation_id="webhooks_replay", request=Body, responses={201: Out})
    @idempotent
    def post(self, request: Request, webhook_id: UUID) -> Response:
        """Tell again all that happened in a period, also what the webhook was never told."""
        body, by = parsed(self.Body, request.data), self.by(request)
        zone = zone_of(by.market_id)
        count = replay_period(
            webhook_id,
            instant_at(body["since"], zone, "since"),
            instant_at(body["until"], zone, "until"),
            by=by,
            now=self.now(by),
        )
        return Response(self.Out({"messages": count}).data, status=201)


class DeliveryReplay(Door):
    @extend_schema(operation_id="webhooks_delivery_replay", request=None, responses=DeliveryOut)
    @idempotent
    def post(self, request: Request, webhook_id: UUID, delivery_id: UUID) -> Response:
        """Send one message again, under its own id."""
        by = self.by(request)
        replay_delivery(webhook_id, delivery_id, by=by, now=self.now(by))
        line = webhooks.delivery_line(delivery_for(by, webhook_id, delivery_id))
        return Response(DeliveryOut(line).data)


def _shown(by: Actor, webhook_id: UUID) -> Any:
    return WebhookOut(webhooks.webhook_line(webhook_for(by, webhook_id))).data
