"""Many visits at once, each with a message that falls due: rows as services would write them."""

from datetime import datetime
from uuid import UUID

from dispatch.domain.clock import service_date
from dispatch.domain.ids import new_id
from dispatch.models import ContactConsent, Location, Message, Patient, User, Visit
from dispatch.models.encrypted import blind_index
from tests.builders import NOW, PHONE, ZONE, World, at


def make_visits(world: World, count: int, *, due_at: datetime) -> dict[UUID, UUID]:
    """By visit of tomorrow, each of a patient of its own, the confirmation that is due then."""
    market, by = world.market, User.objects.get(id=world.bob.user_id)
    index = blind_index(PHONE)
    patients = Patient.objects.bulk_create(
        Patient(id=new_id(), market=market, name="P", phone=PHONE, phone_index=index)
        for _ in range(count)
    )
    ContactConsent.objects.bulk_create(
        ContactConsent(
            market=market, person_id=patient.id, channel="text", address_index=index,
            wording="text.en.1", given_at=NOW, given_by=by,
        )
        for patient in patients
    )  # fmt: skip
    homes = Location.objects.bulk_create(
        Location(
            id=new_id(), market=market, patient=patient, kind="residence", address="1 Main Street",
            zip_code="20001", state="DC", lat=38.9, lng=-77.0, approximate=False, zone=ZONE,
        )
        for patient in patients
    )  # fmt: skip
    visits = Visit.objects.bulk_create(
        Visit(
            id=new_id(), market=market, patient=home.patient, location=home, booked_at=NOW,
            protocol=world.protocol_row(), window_start=at(9), window_end=at(10), booked_by=by,
            window_promised=True, phase="induction", service_date=service_date(at(9), ZONE),
        )
        for home in homes
    )  # fmt: skip
    messages = Message.objects.bulk_create(
        Message(
            id=new_id(), market=market, visit=visit, kind="confirmation", audience="patient",
            person_id=visit.patient_id, about_id=visit.id, template="confirmation", move=0,
            due_at=due_at,
        )
        for visit in visits
    )  # fmt: skip
    return {message.visit_id: message.id for message in messages}
