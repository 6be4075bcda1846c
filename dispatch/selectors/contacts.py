"""How the people of messages may be reached just now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from dispatch.domain.channels import Channel, Language, Reach, Way
from dispatch.domain.messages import Audience
from dispatch.domain.sharing import WRITTEN_IN
from dispatch.models import Companion, ContactConsent, Patient, PushSubscription, SharingConsent
from dispatch.models.encrypted import blind_index, newest
from dispatch.selectors.contact_card import stops_of


@dataclass(frozen=True, slots=True)
class _Door:
    """One address of a person's; ``way`` is how a carrier is given it."""

    way: Way
    address: str
    agreed_elsewhere: bool = False

    @property
    def index(self) -> tuple[str, str]:
        return self.way.channel.value, newest(blind_index(self.address))


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    language: Language
    doors: tuple[_Door, ...]
    zone: str | None = None


def reach_of(people: Iterable[tuple[Audience, UUID]]) -> Mapping[UUID, Reach]:
    """Return how each may be reached; who is not known is left out.

    Only by ways that they agreed to, at the very address, and that nobody has stopped. At most
    six queries, however many people.
    """
    known = [*_known(people)]
    agreed = _agreed(known)
    stopped = stops_of(
        (door.way.channel, door.address) for person in known for door in person.doors
    )
    return {
        person.id: Reach(
            person.language,
            tuple(
                door.way
                for door in person.doors
                if door.index not in stopped
                and (door.agreed_elsewhere or (person.id, *door.index) in agreed)
            ),
            person.zone,
        )
        for person in known
    }


def _agreed(people: Iterable[_Person]) -> frozenset[tuple[UUID, str, str]]:
    """Person, channel and index of every consent that stands."""
    given = ContactConsent.objects.filter(
        person_id__in={person.id for person in people}, withdrawn_at__isnull=True
    )
    rows = given.values_list("person_id", "channel", "address_index")
    return frozenset((person, channel, newest(index)) for person, channel, index in rows)


def _known(people: Iterable[tuple[Audience, UUID]]) -> Iterable[_Person]:
    asked: dict[Audience, set[UUID]] = {}
    for audience, person_id in people:
        asked.setdefault(audience, set()).add(person_id)
    patients, companions = asked.get(Audience.PATIENT), asked.get(Audience.COMPANION)
    if patients:
        browsers = _browsers(patients)
        for patient in Patient.objects.filter(id__in=patients):
            yield _patient(patient, browsers.get(patient.id, ()))
    if companions:
        yield from map(_companion, Companion.objects.filter(id__in=companions))
    if shared := asked.get(Audience.PROVIDER):
        yield from map(_provider, SharingConsent.objects.filter(id__in=shared))


def _browsers(patients: Iterable[UUID]) -> dict[UUID, tuple[_Door, ...]]:
    """The browsers of each that are not gone, the one that came last first."""
    found: dict[UUID, tuple[_Door, ...]] = {}
    rows = PushSubscription.objects.filter(patient_id__in=patients, gone_at__isnull=True)
    for one in rows.order_by("-subscribed_at", "id"):
        door = _Door(Way(Channel.PUSH, str(one.id)), one.endpoint)
        found[one.patient_id] = (*found.get(one.patient_id, ()), door)
    return found


def _patient(patient: Patient, browsers: tuple[_Door, ...]) -> _Person:
    doors = {
        Channel.TEXT: _doors((Channel.TEXT, patient.phone)),
        Channel.EMAIL: _doors((Channel.EMAIL, patient.email)),
        Channel.PUSH: browsers,
    }
    wanted = tuple(door for channel in map(Channel, patient.channels) for door in doors[channel])
    return _Person(patient.id, Language(patient.language), wanted)


def _companion(companion: Companion) -> _Person:
    doors = _doors((Channel.TEXT, companion.phone), (Channel.EMAIL, companion.email))
    return _Person(companion.id, Language(companion.language), doors, companion.zone or None)


def _provider(consent: SharingConsent) -> _Person:
    """Whoever is shared with is written to by the patient's consent to that."""
    way = Way(Channel(consent.channel), consent.contact)
    return _Person(consent.id, WRITTEN_IN, (_Door(way, consent.contact, True),))  # noqa: FBT003


def _doors(*addresses: tuple[Channel, str]) -> tuple[_Door, ...]:
    return tuple(_Door(Way(channel, to), to) for channel, to in addresses if to)
