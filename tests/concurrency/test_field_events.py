"""A phone that sends everything twice at once, or in two parts at once, is heard once and whole."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from dispatch import recording, schedule
from dispatch.models import FieldEvent, Visit
from dispatch.selectors.records import record_of
from dispatch.services.fieldwork import fold_again, record_events
from tests.builders import World, at
from tests.concurrency.racing import Meeting, race
from tests.databases import Clone
from tests.door import ready_visit, sign_all, whole_day


@pytest.fixture
def world(fresh_database: Clone) -> World:
    return World()


@pytest.fixture
def visit(world) -> Visit:
    return ready_visit(world)


def told_at_once(world, visit, parts) -> list:
    return race(
        [partial(record_events, visit.id, part, by=world.nina, now=at(18)) for part in parts]
    )


def row_and_record(visit) -> tuple[str, str]:
    visit.refresh_from_db()
    return visit.status, record_of(visit, settled=True).status.value


def unlock(monkeypatch) -> None:
    """Nobody waits for anybody: both read before either writes."""

    def unlocked(visit_id, *_, **__) -> Visit:
        return Visit.objects.get(id=visit_id)

    monkeypatch.setattr(schedule, "lock_visit", unlocked)
    monkeypatch.setattr(recording, "tell", Meeting().before(recording.tell))


def signed(visit) -> None:
    sign_all(visit.id, at(18))
    fold_again(visit.id, now=at(18))


def halves(world) -> list[list[dict]]:
    day = whole_day(world)
    return [day[:2], day[2:]]


def test_the_same_twice_at_once_is_kept_once(world, visit) -> None:
    day = whole_day(world)
    assert told_at_once(world, visit, [day, day]) == [None, None]
    assert FieldEvent.objects.count() == len(day)
    assert row_and_record(visit)[0] == "recovering", "nobody has seen the waste"
    signed(visit)
    assert row_and_record(visit) == ("completed", "completed")


def test_two_parts_at_once_lead_as_far_as_both(world, visit) -> None:
    assert told_at_once(world, visit, halves(world)) == [None, None]
    assert row_and_record(visit)[0] == "recovering", "nobody has seen the waste"
    signed(visit)
    assert row_and_record(visit) == ("completed", "completed")


def test_without_the_lock_the_second_of_the_same_fails(world, visit, monkeypatch) -> None:
    """The control."""
    unlock(monkeypatch)
    day = whole_day(world)
    outcomes = told_at_once(world, visit, [day, day])
    assert [type(one) for one in outcomes if one is not None] == [IntegrityError]


def test_without_the_lock_the_row_falls_behind_the_record(world, visit, monkeypatch) -> None:
    """The control: each part is folded without the other."""
    unlock(monkeypatch)
    follow = recording.follow
    meeting = Meeting()

    def follow_together(*args, **kwargs):
        found = follow(*args, **kwargs)
        meeting.wait()
        return found

    monkeypatch.setattr(recording, "follow", follow_together)
    depart, arrive = whole_day(world)[:2]
    assert told_at_once(world, visit, [[depart], [arrive]]) == [None, None]
    assert row_and_record(visit) == ("en_route", "arrived")
    with transaction.atomic():
        follow(visit, now=at(18))
    assert row_and_record(visit) == ("arrived", "arrived")
