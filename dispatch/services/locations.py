"""Places where a patient can be treated."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch import audit
from dispatch.domain.errors import Invalid
from dispatch.domain.people import Actor
from dispatch.domain.places import LocationKind
from dispatch.gateways.geocoding import locate, pinned
from dispatch.models import Location
from dispatch.selectors.access import patient_for


@transaction.atomic
def add_location(
    *,
    patient_id: UUID | None,
    kind: LocationKind,
    address: str,
    zip_code: str,
    access_notes: str,
    pin: tuple[float, float] | None = None,
    by: Actor,
    now: datetime,
) -> UUID:
    """Keep a place; return its id. It is located by its ZIP code, or exactly where ``pin`` says.

    The pin is in WGS 84 degrees. Raises Invalid for an unknown ZIP code, or a pin far from it.
    """
    patient = patient_for(by, patient_id)
    place = locate(zip_code)
    if place is None:
        raise Invalid({"zip_code": "There is no such ZIP code."})
    if pin is not None:
        place = pinned(place, *pin)
        if place is None:
            raise Invalid({"pin": "The pin is far from this ZIP code."})
    location = Location.objects.create(
        market_id=patient.market_id,
        patient=patient,
        kind=kind.value,
        address=address,
        access_notes=access_notes,
        zip_code=zip_code,
        state=place.state,
        lat=place.lat,
        lng=place.lng,
        approximate=place.approximate,
        zone=place.zone,
    )
    audit.note(by, "add", "location", location.id, now=now)
    return location.id
