"""How the patient is reached: addresses, what was agreed to or stopped, and who helps."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse

from dispatch.domain.channels import Channel, Language
from dispatch.domain.errors import DispatchError, Invalid
from dispatch.selectors.access import patient_for
from dispatch.selectors.contact_card import contact_card, contact_terms, mark_of
from dispatch.selectors.people import companions_of
from dispatch.services.companions import add_companion
from dispatch.services.contacts import agree_to_messages, set_contact, withdraw_agreement
from web.book.answering import name_in, phone_in
from web.book.forms import REFUSALS, gone_to, language_of, number_in, shown
from web.guarding import Visitor
from web.refusals import said_of

E = TypeVar("E", Channel, Language)
HERE = "/book/contact"
LONGEST_EMAIL = 254


def contact(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the card; keep language, first channel and addresses as they were written."""
    if request.method != "POST":
        return _shown(request, visitor)
    try:
        card = contact_card(visitor.by, None)
        first = _one_of(request, "channel", Channel)
        channels = [first, *(Channel(one) for one in card.channels if one != first)]
        set_contact(
            patient_id=None,
            language=_one_of(request, "language", Language),
            channels=channels,
            phone=phone_in(request),
            email=_email_in(request),
            expected=_mark_in(request),
            by=visitor.by,
            now=visitor.now,
        )
    except REFUSALS as refusal:
        return _shown(request, visitor, refusal)
    return gone_to(HERE)


def agree(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The patient agrees to the words that were shown."""
    agree_to_messages(
        patient_id=None,
        channel=_one_of(request, "channel", Channel),
        language=language_of(visitor),
        text_version=number_in(request, "text_version"),
        by=visitor.by,
        now=visitor.now,
    )
    return gone_to(HERE)


def withdraw(request: HttpRequest, visitor: Visitor, consent_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Nothing more is sent to that address."""
    withdraw_agreement(consent_id, by=visitor.by, now=visitor.now)
    return gone_to(HERE)


def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Keep somebody who may stay or drive."""
    try:
        add_companion(
            patient_id=None,
            name=name_in(request),
            phone=phone_in(request),
            by=visitor.by,
            now=visitor.now,
        )
    except REFUSALS as refusal:
        return _shown(request, visitor, refusal)
    return gone_to(HERE)


def _shown(
    request: HttpRequest, visitor: Visitor, refusal: DispatchError | None = None
) -> HttpResponse:
    terms, card = contact_terms(language_of(visitor)), contact_card(visitor.by, None)
    context = {
        "card": card,
        "mark": mark_of(card),
        "texts": {agreement.value: text for agreement, text in terms.texts.items()},
        "text_version": terms.version,
        "companions": companions_of(visitor.by, None).order_by("id"),
        "languages": list(Language),
        "channels": list(Channel),
        "office_phone": patient_for(visitor.by, None).market.office_phone,
    }
    return shown(request, "contact", context, refusal)


def _mark_in(request: HttpRequest) -> str:
    """Return what the form was made from, so that nobody overwrites what they have not seen."""
    if not (mark := request.POST.get("mark", "")):
        raise Invalid({"mark": "Send it as it was shown."})
    return mark


def _one_of(request: HttpRequest, name: str, kind: type[E]) -> E:
    try:
        return kind(request.POST.get(name, ""))
    except ValueError as fault:
        raise Invalid({name: said_of("choose_one")}) from fault


def _email_in(request: HttpRequest) -> str:
    email = request.POST.get("email", "").strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as fault:
        raise Invalid({"email": said_of("email")}) from fault
    if len(email) > LONGEST_EMAIL:
        raise Invalid({"email": said_of("email")})
    return email
