"""Accounts of programs that call the API: made, listed and revoked by administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Door, PageOf, instant_at, parsed
from api.fields import MomentField, SecretField
from api.idempotency import idempotent
from api.listing import list_schema
from dispatch.domain.people import Scope
from dispatch.selectors import service_accounts
from dispatch.selectors.clock import zone_of
from dispatch.services.service_accounts import make_service_account, revoke_service_account

SCOPES = [scope.value for scope in Scope]


class ServiceAccountOut(Answer[service_accounts.ServiceAccountLine]):
    class Meta:
        dataclass = service_accounts.ServiceAccountLine


class TokenOut(serializers.Serializer[Any]):
    """An account's token, shown this once."""

    id = serializers.UUIDField()
    token = SecretField(help_text="svc_…: goes into the Authorization header as Bearer.")


class ServiceAccounts(PageOf):
    shown_once = frozenset({"token"})

    class Body(serializers.Serializer[Any]):
        name = serializers.CharField(max_length=LONGEST_LINE, help_text="What the program is.")
        scopes = serializers.ListField(
            child=serializers.ChoiceField(SCOPES),
            allow_empty=False,
            max_length=len(SCOPES),
            help_text="What it may do; nothing else.",
        )
        expires_at = MomentField(help_text="Until then the token opens doors; a year at most.")

    @list_schema("service_accounts_list", ServiceAccountOut)
    def get(self, request: Request) -> Response:
        """The market's service accounts, those that were revoked among them."""
        rows = service_accounts.service_accounts_of(self.by(request))
        return self.page(request, rows, service_accounts.service_account_line, ServiceAccountOut)

    @extend_schema(operation_id="service_accounts_make", request=Body, responses={201: TokenOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an account for a program; its token is in the answer, and nowhere afterwards."""
        body, by = parsed(self.Body, request.data), self.by(request)
        account_id, token = make_service_account(
            body["name"],
            body["scopes"],
            expires_at=instant_at(body["expires_at"], zone_of(by.market_id), "expires_at"),
            by=by,
            now=self.now(by),
        )
        return Response(TokenOut({"id": account_id, "token": token}).data, status=201)


class ServiceAccountDetail(Door):
    @extend_schema(
        operation_id="service_accounts_revoke", request=None, responses={204: OpenApiResponse()}
    )
    def delete(self, request: Request, account_id: UUID) -> Response:
        """Revoke an account: its token opens nothing from now on."""
        by = self.by(request)
        revoke_service_account(account_id, by=by, now=self.now(by))
        return Response(status=204)
