"""How a patient is reached, as they and the desk see it: addresses, consents, stops, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from dispatch.domain.channels import Channel, Language
from dispatch.domain.contact import ContactTerms
from dispatch.domain.people import Actor
from dispatch.domain.shipped import load_contact_terms
from dispatch.models import ContactConsent, Patient, PushSubscription, Stop
from dispatch.models.encrypted import blind_index, blind_indexes, newest
from dispatch.selectors.access import patient_for


@dataclass(frozen=True, slots=True)
class ContactWords:
    """The words of one agreement in one language."""

    agreement: str
    language: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class ContactWordsAndKey:
    """All words, and the public key to which a browser binds its subscription; empty: no push."""

    words: tuple[ContactWords, ...]
    push_key: str


@dataclass(frozen=True, slots=True)
class ContactWay:
    """One address of a patient's; without consent, or where it is stopped, nothing goes there.

    A browser has no address that people would know: its line is empty.
    """

    channel: str
    address: str
    consent: UUID | None
    wording: str
    given_at: datetime | None
    stopped: bool


@dataclass(frozen=True, slots=True)
class ContactCard:
    """How a patient is reached; ``channels`` in the order in which they are tried."""

    patient: UUID
    language: str
    channels: tuple[str, ...]
    phone: str
    email: str
    ways: tuple[ContactWay, ...]


def mark_of(shown: ContactCard | Patient) -> str:
    """Return how somebody is reached in one word, which tells nobody what it was."""
    told = (shown.language, *shown.channels, shown.phone, shown.email)
    return blind_index(" ".join(told))


@lru_cache(maxsize=len(Language))
def contact_terms(language: str) -> ContactTerms:
    """Return what people agree to, in its present version; cached, as it is shipped."""
    return load_contact_terms(Language(language))


def contact_words() -> ContactWordsAndKey:
    """Return the words in every language."""
    words = tuple(
        ContactWords(agreement.value, terms.language.value, terms.version, text)
        for terms in map(contact_terms, Language)
        for agreement, text in terms.texts.items()
    )
    return ContactWordsAndKey(words, settings.VAPID_PUBLIC_KEY)


def contact_card(by: Actor, patient_id: UUID | None) -> ContactCard:
    """Return the patient's card. Raises NotFound."""
    patient = patient_for(by, patient_id)
    addresses = addresses_of(patient)
    given = {
        (one.channel, newest(one.address_index)): one
        for one in ContactConsent.objects.filter(person_id=patient.id, withdrawn_at__isnull=True)
    }
    stopped = stops_of(addresses)
    return ContactCard(
        patient=patient.id,
        language=patient.language,
        channels=tuple(patient.channels),
        phone=patient.phone,
        email=patient.email,
        ways=tuple(
            _way(channel, address, given.get(key), stopped=key in stopped)
            for channel, address in addresses
            for key in [(channel.value, newest(blind_index(address)))]
        ),
    )


def addresses_of(patient: Patient) -> list[tuple[Channel, str]]:
    """Every address that is known of a patient, agreed to or not."""
    browsers = PushSubscription.objects.filter(patient=patient, gone_at__isnull=True)
    named = [(Channel.TEXT, patient.phone), (Channel.EMAIL, patient.email)]
    pushed = [(Channel.PUSH, one.endpoint) for one in browsers.order_by("subscribed_at")]
    return [(channel, address) for channel, address in [*named, *pushed] if address]


def stops_of(addresses: Iterable[tuple[Channel, str]]) -> frozenset[tuple[str, str]]:
    """Return channel and newest index of those addresses to which nothing may go; one query."""
    asked = [(channel.value, blind_indexes(address)) for channel, address in addresses]
    if not asked:
        return frozenset()
    known = {index for _, indexes in asked for index in indexes}
    stops = Stop.objects.filter(address_index__in=known, started_at__isnull=True)
    rows = stops.values_list("channel", "address_index")
    stopped = frozenset((channel, newest(index)) for channel, index in rows)
    return stopped & {(channel, indexes[-1]) for channel, indexes in asked}


def _way(
    channel: Channel, address: str, consent: ContactConsent | None, *, stopped: bool
) -> ContactWay:
    return ContactWay(
        channel=channel.value,
        address="" if channel is Channel.PUSH else address,
        consent=None if consent is None else consent.id,
        wording="" if consent is None else consent.wording,
        given_at=None if consent is None else consent.given_at,
        stopped=stopped,
    )
