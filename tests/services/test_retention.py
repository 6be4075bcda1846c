"""What has been kept for long enough goes, and nothing else does."""

from __future__ import annotations

import io
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command

from dispatch.domain.ids import new_id
from dispatch.domain.people import Role
from dispatch.domain.retention import TERMS, Term, parse_terms
from dispatch.domain.sessions import LONGEST_OF_TOKENS
from dispatch.models import (
    IdempotencyRecord,
    LocalMessage,
    ProviderReceipt,
    RetentionRun,
    ScreenSession,
    SignIn,
    SpentToken,
)
from dispatch.models.clock import database_now
from dispatch.selectors.sessions import running_sign_ins
from dispatch.services.retention import counts, forget_some, run_out, take_rule
from dispatch.services.sign_in import begin_sign_in
from tests.api.town import Client
from tests.builders import World
from tests.databases import SEES_ALL, Clone
from workers.forgetting import forget


def keep(age: timedelta) -> None:
    """One row of each of several short-lived kinds, of this age."""
    then, user = database_now() - age, World(str(age)).bob.user_id
    IdempotencyRecord.objects.create(
        user_id=user, key="k", request_digest="d", status=200, body="{}", created_at=then
    )
    LocalMessage.objects.create(key=str(new_id()), recipient="x", body="x", accepted_at=then)
    ProviderReceipt.objects.create(
        carrier="x", provider_id="x", receipt="sent", event_key=str(age), received_at=then
    )
    family = SignIn.objects.get(id=begin_sign_in(user, now=then))
    SpentToken.objects.create(sign_in=family, spent_at=then)
    ScreenSession.objects.create(
        key_digest=str(age), user_id=user, data="{}", begun_at=then, seen_at=then
    )


@pytest.mark.django_db
@pytest.mark.parametrize("term", TERMS, ids=[term.table for term in TERMS])
def test_a_row_goes_once_its_time_is_over_and_not_a_minute_before(term: Term) -> None:
    """Every rule can be asked; those that ``keep`` makes rows of are held to the minute."""
    assert run_out(term).count() == 0
    keep(term.after - timedelta(minutes=1))
    made = run_out(term).model._default_manager.filter(**{f"{term.since}__isnull": False}).count()
    assert forget_some(term) == 0
    keep(term.after + timedelta(minutes=1))
    assert forget_some(term) == (1 if made else 0)
    assert forget_some(term) == 0
    assert (
        run_out(term).model._default_manager.filter(**{f"{term.since}__isnull": False}).count()
        == made
    )


@pytest.mark.django_db
def test_the_workers_look_once_a_day_and_tell_how_many_went() -> None:
    keep(timedelta(days=91))
    while True:
        before = RetentionRun.objects.filter(due_at__gt=database_now()).count()
        forget()
        if RetentionRun.objects.filter(due_at__gt=database_now()).count() == before:
            break
    assert set(counts().values()) == {0}
    assert take_rule() is None
    told = Client().get("/metrics").content.decode()
    assert 'dispatch_rows_run_out_total{table="dispatch.LocalMessage"} 1.0' in told
    RetentionRun.objects.filter(rule="dispatch.LocalMessage").update(due_at=database_now())
    assert take_rule() is not None


def test_every_rule_is_of_a_table_that_there_is() -> None:
    for term in TERMS:
        assert apps.get_model(term.table)._meta.get_field(term.since)


@pytest.mark.django_db
def test_a_sign_in_that_nobody_ended_goes_too_but_none_that_may_go_on() -> None:
    (term,) = (one for one in TERMS if one.table == "dispatch.SignIn")
    user, now = World().alice.user_id, database_now()
    going_on, over = (
        begin_sign_in(user, now=now - age)
        for age in (LONGEST_OF_TOKENS[Role.PATIENT] - timedelta(minutes=1), timedelta(days=61))
    )
    assert running_sign_ins().get().id == going_on
    assert [one.id for one in run_out(term)] == [over]
    assert forget_some(term) == 1
    with pytest.raises(ValueError, match="under 31 days"):
        parse_terms("dispatch.SignIn=30")


@pytest.mark.django_db
def test_a_dry_run_counts_and_deletes_nothing() -> None:
    keep(timedelta(days=91))
    call_command("retention", dry_run=True, stdout=(told := io.StringIO()))
    assert "dispatch.LocalMessage: 1 rows have run out" in told.getvalue()
    assert LocalMessage.objects.count() == 1
    call_command("retention", stdout=(told := io.StringIO()))
    assert "dispatch.LocalMessage: 1 deleted" in told.getvalue()
    assert LocalMessage.objects.count() == 0


@pytest.mark.django_db
def test_an_installation_may_set_other_terms(settings) -> None:
    settings.RETENTION_TERMS = parse_terms("dispatch.LocalMessage=365, dispatch.SpentToken=3")
    keep(timedelta(days=91))
    assert counts()["dispatch.LocalMessage"] == 0
    assert counts()["dispatch.ProviderReceipt"] == 1


@pytest.mark.parametrize(
    "text",
    ["dispatch.SpentToken=1", "dispatch.IdempotencyRecord=0", "dispatch.LocalMessage=0",
     "dispatch.LocalMessage=soon", "dispatch.LocalMessage=-3", "dispatch.Visit=9", "nonsense"],
)  # fmt: skip
def test_a_term_that_is_too_short_or_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RETENTION_DAYS"):
        parse_terms(text)


def test_a_row_that_somebody_holds_waits_for_another_time(fresh_database: Clone) -> None:
    keep(timedelta(days=91))
    term = next(one for one in TERMS if one.table == "dispatch.LocalMessage")
    with psycopg.connect(fresh_database.url, options=SEES_ALL) as other:
        assert other.execute("SELECT FROM local_message FOR UPDATE").rowcount == 1
        assert forget_some(term) == 0
    assert forget_some(term) == 1
