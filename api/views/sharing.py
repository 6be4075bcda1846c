"""With whom a patient shares the summaries of visits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import LONGEST_LINE, Answer, Door, PageOf, parsed
from api.fields import one_or_all
from api.idempotency import idempotent
from api.listing import list_schema, uuid, uuid_in
from api.views.people import LONGEST_EMAIL, PhoneField
from dispatch.domain.channels import Channel
from dispatch.domain.people import Actor
from dispatch.domain.sharing import RecipientKind
from dispatch.domain.sharing import SharingTerms as Terms
from dispatch.selectors import sharing
from dispatch.selectors.access import sharing_consent_for
from dispatch.services.sharing import agree_to_share, stop_sharing

MOST_VERSIONS = 1_000_000


class SharingTermsOut(Answer[Terms]):
    class Meta:
        dataclass = Terms


class SharingConsentOut(Answer[sharing.SharingLine]):
    class Meta:
        dataclass = sharing.SharingLine


class SharingTerms(Door):
    @extend_schema(operation_id="sharing_terms", responses=SharingTermsOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        """What a patient agrees to who shares the summaries, in its present version."""
        return Response(SharingTermsOut(sharing.sharing_terms()).data)


class SharingConsents(PageOf):
    class Body(serializers.Serializer[Any]):
        recipient = serializers.ChoiceField([kind.value for kind in RecipientKind])
        name = serializers.CharField(max_length=LONGEST_LINE)
        phone = PhoneField(max_length=32, required=False, help_text="Reached by text, or …")
        email = serializers.EmailField(
            max_length=LONGEST_EMAIL, required=False, help_text="… kept until there is a channel."
        )
        text_version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)
        together = one_or_all("phone", "email")

        def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
            if ("phone" in attrs) == ("email" in attrs):
                raise ValidationError({"phone": "Name a phone number or an e-mail address."})
            return attrs

    @list_schema("sharing_consents_list", SharingConsentOut, uuid("patient"))
    def get(self, request: Request) -> Response:
        """With whom a patient shares, or shared until it was taken back."""
        rows = sharing.sharing_seen_by(self.by(request), uuid_in(request, "patient"))
        return self.page(request, rows, sharing.sharing_line, SharingConsentOut)

    @extend_schema(
        operation_id="sharing_consents_give", request=Body, responses={201: SharingConsentOut}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """The patient has summaries sent to somebody, until it is taken back."""
        body, by = parsed(self.Body, request.data), self.by(request)
        by_text = "phone" in body
        consent_id = agree_to_share(
            recipient=RecipientKind(body["recipient"]),
            name=body["name"],
            channel=Channel.TEXT if by_text else Channel.EMAIL,
            contact=body["phone"] if by_text else body["email"],
            text_version=body["text_version"],
            by=by,
            now=self.now(by),
        )
        return _shown(by, consent_id, 201)


class SharingWithdrawal(Door):
    @extend_schema(
        operation_id="sharing_consents_withdraw", request=None, responses=SharingConsentOut
    )
    def post(self, request: Request, consent_id: UUID) -> Response:
        """Take a consent back: nothing more is sent, and links that were sent no longer open."""
        by = self.by(request)
        stop_sharing(consent_id, by=by, now=self.now(by))
        return _shown(by, consent_id)


def _shown(by: Actor, consent_id: UUID, status: int = 200) -> Response:
    line = sharing.sharing_line(sharing_consent_for(by, consent_id))
    return Response(SharingConsentOut(line).data, status=status)
