"""How the people of messages may be reached just now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from dispatch.domain.channels import Channel, Language, Reach, Way
from dispatch.domain.messages import Audience
from dispatch.models import Companion, Patient, SharingConsent


def reach_of(people: Iterable[tuple[Audience, UUID]]) -> Mapping[UUID, Reach]:
    """Return how each may be reached; who is not known is left out."""
    asked: dict[Audience, set[UUID]] = {}
    for audience, person_id in people:
        asked.setdefault(audience, set()).add(person_id)
    patients = Patient.objects.filter(id__in=asked.get(Audience.PATIENT, ()))
    companions = Companion.objects.filter(id__in=asked.get(Audience.COMPANION, ()))
    shared = SharingConsent.objects.filter(id__in=asked.get(Audience.PROVIDER, ()))
    return (
        {one.id: _patient(one) for one in patients}
        | {one.id: _companion(one) for one in companions}
        | {one.id: _provider(one) for one in shared}
    )


def _patient(patient: Patient) -> Reach:
    addresses = {Channel.TEXT: patient.phone, Channel.EMAIL: patient.email}
    ways = [Way(one, addresses.get(one, "")) for one in map(Channel, patient.channels)]
    return Reach(Language(patient.language), tuple(way for way in ways if way.address))


def _companion(companion: Companion) -> Reach:
    ways = [Way(Channel.TEXT, companion.phone), Way(Channel.EMAIL, companion.email)]
    found = tuple(way for way in ways if way.address)
    return Reach(Language(companion.language), found, companion.zone or None)


def _provider(consent: SharingConsent) -> Reach:
    return Reach(Language.ENGLISH, (Way(Channel(consent.channel), consent.contact),))
