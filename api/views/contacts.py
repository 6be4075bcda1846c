"""How a patient wants to be reached, and what they agree to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.door import Answer, Door, parsed
from api.headers import IF_MATCH, IF_NONE_MATCH
from api.idempotency import idempotent
from api.listing import uuid, uuid_in
from api.tags import matched, tagged
from api.views.people import LONGEST_EMAIL, PhoneField
from api.views.sharing import MOST_VERSIONS
from dispatch.domain.channels import Channel, Language
from dispatch.domain.people import Actor
from dispatch.selectors import contact_card
from dispatch.services.contacts import (
    agree_to_messages,
    set_contact,
    subscribe_browser,
    withdraw_agreement,
)

LONGEST_ENDPOINT = 1000
LONGEST_KEY = 200
LANGUAGES = [language.value for language in Language]


class ContactTermsOut(Answer[contact_card.ContactWordsAndKey]):
    class Meta:
        dataclass = contact_card.ContactWordsAndKey


class ContactOut(Answer[contact_card.ContactCard]):
    class Meta:
        dataclass = contact_card.ContactCard


class ContactTerms(Door):
    @extend_schema(operation_id="contact_terms", responses=ContactTermsOut)
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the same for everybody
        """What people agree to who are sent messages, in every language, and the key for pushes."""
        return Response(ContactTermsOut(contact_card.contact_words()).data)


class Contact(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        language = serializers.ChoiceField(LANGUAGES)
        channels = serializers.ListField(
            child=serializers.ChoiceField([channel.value for channel in Channel]),
            min_length=1,
            max_length=len(Channel),
            help_text="In the order in which they are tried.",
        )
        phone = PhoneField(max_length=32, required=False, help_text="Left out: stays as it is.")
        email = serializers.EmailField(
            max_length=LONGEST_EMAIL,
            required=False,
            allow_blank=True,
            help_text="Left out: stays as it is; empty: there is none.",
        )

        def validate_channels(self, value: list[str]) -> list[str]:
            if len(set(value)) < len(value):
                raise serializers.ValidationError("Name each channel once.")
            return value

    @extend_schema(
        operation_id="contact", parameters=[uuid("patient"), IF_NONE_MATCH], responses=ContactOut
    )
    @tagged
    def get(self, request: Request) -> Response:
        """Language, order, addresses, and what was agreed to or stopped at each."""
        return _shown(self.by(request), uuid_in(request, "patient"))

    @extend_schema(
        operation_id="contact_set", request=Body, responses=ContactOut, parameters=[IF_MATCH]
    )
    @tagged
    def put(self, request: Request) -> Response:
        """Set language, order and addresses; a new address is sent nothing until agreed to."""
        body, by = parsed(self.Body, request.data), self.by(request)
        patient_id = body.get("patient")
        with matched(
            request, f"contact:{patient_id or by.person_id}", lambda: _card(by, patient_id)
        ):
            set_contact(
                patient_id=patient_id,
                language=Language(body["language"]),
                channels=[Channel(one) for one in body["channels"]],
                phone=body.get("phone"),
                email=body.get("email"),
                by=by,
                now=self.now(by),
            )
        return _shown(by, patient_id)


class ContactConsents(Door):
    class Body(serializers.Serializer[Any]):
        patient = serializers.UUIDField(required=False, help_text="Staff name the patient.")
        channel = serializers.ChoiceField([Channel.TEXT.value, Channel.EMAIL.value])
        language = serializers.ChoiceField(LANGUAGES, help_text="In which the words were shown.")
        text_version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)

    @extend_schema(operation_id="contact_consents_give", request=Body, responses={201: ContactOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """The patient agrees to be sent messages at the address that is known on a channel."""
        body, by = parsed(self.Body, request.data), self.by(request)
        agree_to_messages(
            patient_id=body.get("patient"),
            channel=Channel(body["channel"]),
            language=Language(body["language"]),
            text_version=body["text_version"],
            by=by,
            now=self.now(by),
        )
        return _shown(by, body.get("patient"), 201)


class ContactWithdrawal(Door):
    @extend_schema(
        operation_id="contact_consents_withdraw",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, consent_id: UUID) -> Response:
        """Take a consent back: nothing more is sent to that address of that person."""
        by = self.by(request)
        withdraw_agreement(consent_id, by=by, now=self.now(by))
        return Response(status=204)


class PushSubscriptions(Door):
    class Body(serializers.Serializer[Any]):
        class Keys(serializers.Serializer[Any]):
            p256dh = serializers.CharField(max_length=LONGEST_KEY)
            auth = serializers.CharField(max_length=LONGEST_KEY)

        endpoint = serializers.CharField(max_length=LONGEST_ENDPOINT)
        keys = Keys()
        language = serializers.ChoiceField(LANGUAGES, help_text="In which the words were shown.")
        text_version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)

    @extend_schema(operation_id="contact_push_subscribe", request=Body, responses={201: ContactOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """A browser of the patient's shows from now on when there is news."""
        body, by = parsed(self.Body, request.data), self.by(request)
        subscribe_browser(
            endpoint=body["endpoint"],
            p256dh=body["keys"]["p256dh"],
            auth=body["keys"]["auth"],
            language=Language(body["language"]),
            text_version=body["text_version"],
            by=by,
            now=self.now(by),
        )
        return _shown(by, None, 201)


def _shown(by: Actor, patient_id: UUID | None, status: int = 200) -> Response:
    return Response(_card(by, patient_id), status=status)


def _card(by: Actor, patient_id: UUID | None) -> Any:
    return ContactOut(contact_card.contact_card(by, patient_id)).data
