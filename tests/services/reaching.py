"""What the tests of contacts do with a patient's ways, in few words."""

from __future__ import annotations

from uuid import UUID

from dispatch.domain.channels import Channel, Language, Way
from dispatch.domain.ids import digest
from dispatch.domain.messages import Audience
from dispatch.domain.people import Actor
from dispatch.models import PushSubscription
from dispatch.selectors.contacts import reach_of
from dispatch.services.contacts import agree_to_messages, set_contact, subscribe_browser
from tests.browsers import ENDPOINT, Browser
from tests.builders import NOW

MAIL = "alice@example.org"
EVERY_WAY = [Channel.TEXT, Channel.EMAIL, Channel.PUSH]


def ways(actor: Actor) -> list[Way]:
    assert actor.person_id
    return list(reach_of([(Audience.PATIENT, actor.person_id)])[actor.person_id].ways)


def wants(by: Actor, *channels: Channel, **more) -> None:
    told = {"patient_id": None, "language": Language.ENGLISH, "phone": None, "email": None} | more
    set_contact(**told, channels=channels, by=by, now=NOW)


def agrees(by: Actor, channel: Channel, **more) -> UUID:
    told = {"patient_id": None, "language": Language.ENGLISH, "text_version": 1} | more
    return agree_to_messages(**told, channel=channel, by=by, now=NOW)


def subscribes(by: Actor, endpoint: str = ENDPOINT) -> str:
    told = Browser(endpoint).told()
    subscribe_browser(
        endpoint=endpoint, **told["keys"], language=Language.ENGLISH, text_version=1, by=by, now=NOW
    )
    return str(PushSubscription.objects.get(endpoint_digest=digest(endpoint)).id)
