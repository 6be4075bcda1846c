"""Whether the process lives, whether it can serve, and how far behind the workers are."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connections
from django.test import Client

from dispatch.models import Message, WebhookEndpoint
from dispatch.models.clock import database_now
from dispatch.services.engine import hold, look_at_database
from tests.api.town import Town
from tests.builders import NOW
from workers import keeping, work

SOON = timedelta(seconds=30)


@pytest.mark.usefixtures("fresh_database")
def test_a_process_lives_without_its_database(no_database) -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "down"
    assert answer.json()["ready"] is False


@pytest.fixture
def no_database(fresh_database):
    """A server that is not there."""
    settings = connections["default"].settings_dict
    before = settings["HOST"]
    connections["default"].close()
    settings["HOST"] = "/nowhere"
    yield
    settings["HOST"] = before


@pytest.mark.django_db
def test_all_is_well_where_all_parts_answer() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    parts = answer.json()
    assert parts["ready"] is True
    assert parts["database"] == parts["migrations"] == parts["broker"] == "ok"


def test_migrations_that_are_missing_take_the_process_out_of_service(fresh_database) -> None:
    with psycopg.connect(fresh_database.owner_url) as owner:
        owner.execute("DELETE FROM django_migrations WHERE app = 'dispatch'")
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "pending"


@pytest.mark.django_db
def test_a_broker_that_is_down_is_told_and_visits_are_booked_all_the_same(settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["broker"] == "down"


def test_work_that_is_due_is_counted_until_it_is_done(town: Town) -> None:
    assert town.visit
    due = Client().get("/readyz").json()["due"]
    assert (due["events"], due["visits"]) == (1, 1)
    page = Client().get("/metrics")
    assert page.headers["Content-Type"].startswith("text/plain")
    assert b'dispatch_due_rows{kind="visit"} 1.0' in page.content
    work.do_all()
    due = Client().get("/readyz").json()["due"]
    assert (due["events"], due["visits"], due["messages"]) == (0, 0, 0)
    assert b'dispatch_due_rows{kind="visit"} 0.0' in Client().get("/metrics").content


def test_messages_that_are_held_are_told_and_visits_are_booked_all_the_same(town: Town) -> None:
    look_at_database()
    assert Client().get("/readyz").json()["messages"]["held"] is False
    hold(town.now())
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["messages"]["held"] is True
    assert b"dispatch_messages_held 1.0" in Client().get("/metrics").content


def test_what_was_found_and_repaired_is_counted(town: Town) -> None:
    assert town.visit
    look_at_database()
    keeping.compare_some(10.0)
    planned = Message.objects.count()
    assert planned
    page = Client().get("/metrics").content.decode()
    assert f'dispatch_reconciled{{found="planned"}} {planned}.0' in page
    assert f'dispatch_messages_repaired_total{{how="planned"}} {planned}.0' in page
    keeping.compare_some(10.0)
    page = Client().get("/metrics").content.decode()
    assert 'dispatch_reconciled{found="planned"} 0.0' in page
    assert f'dispatch_messages_repaired_total{{how="planned"}} {planned}.0' in page


def test_dead_and_late_messages_are_counted(town: Town) -> None:
    assert town.dead_message
    town.set_clock(NOW + timedelta(minutes=11))
    told = Client().get("/readyz").json()["messages"]
    due = Message.objects.filter(due_at__lt=NOW + SOON, state="due").count()
    assert (told["dead"], told["overdue"]) == (1, due)
    assert told["lag_s"] > 600


def test_what_waits_for_customers_is_told_apart_from_our_own_work(town: Town) -> None:
    assert town.webhook
    assert town.visit
    work.do_all()
    ready = Client().get("/readyz").json()
    assert (ready["due"]["events"], ready["due"]["oldest_s"]) == (0, 0.0)
    assert ready["webhooks"]["due"] == 2, "booked, and assigned"
    assert b'dispatch_due_rows{kind="webhook"} 2.0' in Client().get("/metrics").content
    WebhookEndpoint.objects.update(rests_until=database_now() + timedelta(minutes=1))
    assert Client().get("/readyz").json()["webhooks"] == {"due": 0, "oldest_s": 0.0}
