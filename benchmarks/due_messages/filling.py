"""Makes visits and any number of messages that are due, with statements that make many rows."""

from __future__ import annotations

from django.db import connection

from dispatch.domain.clock import service_date
from dispatch.models import ContactConsent, Location, Market, Patient, Protocol, User, Visit
from dispatch.models.clock import database_now
from dispatch.models.encrypted import blind_index
from dispatch.services.protocols import publish_shipped

VISITS = 20_000
ZONE = "America/New_York"

COPIES = """
    CREATE TEMPORARY TABLE copies AS
        SELECT number, gen_random_uuid() AS patient, gen_random_uuid() AS location,
            gen_random_uuid() AS visit
        FROM generate_series(1, %s) AS number;
    CREATE TEMPORARY TABLE model_patient AS SELECT * FROM patient;
    CREATE TEMPORARY TABLE model_location AS SELECT * FROM location;
    CREATE TEMPORARY TABLE model_visit AS SELECT * FROM visit;
"""
MESSAGES = """
    INSERT INTO message (
        id, market_id, visit_id, kind, audience, person_id, template, about_id, move, due_at, state,
        state_because, attempts, step, channel, receipt)
    SELECT gen_random_uuid(), market_id, id, 'confirmation', 'patient', patient_id, 'confirmation',
        gen_random_uuid(), 0, now() - interval '1 day' + number * interval '1 millisecond', 'due',
        '', 0, 0, '', ''
    FROM (SELECT *, row_number() OVER () AS place FROM visit) AS visit
        JOIN generate_series(1, %s) AS number ON number %% %s + 1 = place
"""


def fill_visits() -> None:
    """Write a market of visits tomorrow, each of a patient of its own."""
    publish_shipped()
    market = Market.objects.create(name="Measured", zone=ZONE, office_phone="+12025550199")
    user = User.objects.create(market=market, username="bob", role="dispatcher")
    now = database_now()
    patient = Patient.objects.create(market=market, name="P", phone="+12025550100")
    home = Location.objects.create(
        market=market, patient=patient, kind="residence", address="1 Main Street", state="DC",
        zip_code="20001", lat=38.9, lng=-77.0, approximate=False, zone=ZONE,
    )  # fmt: skip
    Visit.objects.create(
        market=market, patient=patient, location=home, booked_at=now, booked_by=user,
        protocol=Protocol.objects.get(code="ketamine_six_induction", is_current=True),
        window_start=now.replace(year=now.year + 1), window_end=now.replace(year=now.year + 1),
        window_promised=True, phase="induction", service_date=service_date(now, ZONE),
    )  # fmt: skip
    index = blind_index(patient.phone)
    _multiply(VISITS)
    ContactConsent.objects.bulk_create(
        ContactConsent(
            market=market, person_id=one, channel="text", address_index=index,
            wording="text.en.1", given_at=now, given_by=user,
        )
        for one in Patient.objects.values_list("id", flat=True)
    )  # fmt: skip


def fill_messages(count: int) -> None:
    """Have so many messages due, and none that was sent; the visits take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("TRUNCATE message, message_attempt, carrier_line CASCADE")
        cursor.execute(MESSAGES, [count, VISITS])
        cursor.execute("VACUUM ANALYZE message")


def _multiply(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [count - 1])
        for table, ids in (
            ("patient", {"id": "patient"}),
            ("location", {"id": "location", "patient_id": "patient"}),
            ("visit", {"id": "visit", "patient_id": "patient", "location_id": "location"}),
        ):
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 - names of ours
            names = [column.name for column in cursor.description or ()]
            values = ", ".join(
                f"copies.{ids[name]}" if name in ids else f"model.{name}" for name in names
            )
            columns = ", ".join(names)
            cursor.execute(
                f"INSERT INTO {table} ({columns})"  # noqa: S608 - names of ours
                f" SELECT {values} FROM copies, model_{table} AS model"
            )
        cursor.execute("VACUUM ANALYZE visit, patient, location")
