"""The words of a message, made at the moment of sending from the visit as it then is."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from dispatch.domain.clock import instant, local, seconds
from dispatch.domain.messages import Audience, Need, render
from dispatch.domain.places import LocationKind
from dispatch.domain.shipped import load_templates
from dispatch.models import CompanionRequest, Message, SharingConsent, Visit
from dispatch.selectors.links import summary_secret
from dispatch.selectors.protocols import protocol_of

SPOKEN_S = 300
"""Expected times are told in steps of so many seconds."""


def recipient_of(visit: Visit, message: Message) -> str:
    """Return the phone number of the patient, the companion named, or whom it is shared with."""
    audience = Audience(message.audience)
    if audience is Audience.PROVIDER:
        return SharingConsent.objects.get(id=message.person_id).contact
    if audience is Audience.COMPANION and visit.companion is not None:
        return visit.companion.phone
    return visit.patient.phone


def need_of(visit: Visit, template: str) -> Need | None:
    """Return what the message needs to be true, by the protocol that the visit was booked under."""
    rules = protocol_of(visit.protocol_id).messages
    return next((rule.needs for rule in rules if rule.template == template), None)


def body_of(visit: Visit, message: Message) -> str:
    """Return the text: no name, no treatment, the time by the patient's clocks.

    It names the expected start where the message tells of one, the window otherwise.
    """
    protocol, text = protocol_of(visit.protocol_id), _templates()[message.template]
    expected = message.named_start
    context = {
        "when": when(visit) if expected is None else about(visit, expected),
        "instructions": protocol.instructions[LocationKind(visit.location.kind)],
        "phone": visit.market.office_phone,
    }
    if "{link}" in text:
        context["link"] = _link(visit, message)
    return render(text, context)


def when(visit: Visit) -> str:
    """Return the window as people say it, e.g. ``Tue 1 Dec, 9:00–9:30 AM``."""
    start = local(visit.window_start, visit.location.zone)
    end = local(visit.window_end, visit.location.zone)
    return f"{start:%a} {start.day} {start:%b}, {start:%-I:%M %p}–{end:%-I:%M %p}"


def about(visit: Visit, expected: datetime) -> str:
    """Return an expected start as people say it, e.g. ``Tue 1 Dec, about 9:40 AM``."""
    start = local(expected, visit.location.zone)
    return f"{start:%a} {start.day} {start:%b}, about {start:%-I:%M %p}"


def spoken(expected: datetime) -> datetime:
    """Return the time as it is told: nobody says it to the second, and nobody is there before."""
    return instant(-(-seconds(expected) // SPOKEN_S) * SPOKEN_S)


def _link(visit: Visit, message: Message) -> str:
    audience = Audience(message.audience)
    if audience is Audience.PROVIDER:
        return f"{settings.PUBLIC_URL}/summaries/{summary_secret(message.id)}"
    if audience is Audience.PATIENT:
        return f"{settings.PUBLIC_URL}/visits/{visit.id}"
    request = CompanionRequest.objects.get(visit=visit, replaced_at__isnull=True)
    return f"{settings.PUBLIC_URL}/companion/{request.secret}"


@lru_cache(maxsize=1)
def _templates() -> dict[str, str]:
    return load_templates("en")
