"""Whatever becomes of visits, the phones show what the nurses have to do."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from api.calendar_file import calendar_file
from dispatch.domain.errors import Conflict
from dispatch.domain.people import Actor
from dispatch.services.assignment import assign_by_hand, assign_visit
from dispatch.services.calendars import ask_for_calendar, tell_calendar
from dispatch.services.cancellation import cancel_visit, reschedule_visit
from tests.builders import NOW, World, at
from tests.services.phone_calendar import Phone, has_to_do

WHICH = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("hand"), WHICH, WHICH),
    st.tuples(st.just("look"), WHICH, WHICH),
    st.tuples(st.just("cancel"), WHICH, st.just(0)),
    st.tuples(st.just("move"), WHICH, st.sampled_from([9, 15])),
    st.tuples(st.just("look"), WHICH, WHICH),
)


class Day:
    """Two nurses with their phones, and two visits that are anybody's."""

    def __init__(self) -> None:
        self.world = world = World()
        self.nurses = [world.nurse("nina"), world.nurse("nora")]
        for nurse in self.nurses:
            world.shift(nurse)
        self.patients = [world.alice, world.patient("amy")]
        self.homes = [world.home(one) for one in self.patients]
        times = zip(self.patients, self.homes, (10, 13), strict=True)
        self.visits = [world.book(home, by, at(hour)) for by, home, hour in times]
        for visit in self.visits:
            assign_visit(visit, now=NOW)
        self.secrets = [ask_for_calendar(by=one, now=NOW) for one in self.nurses]

    def look(self, nurse: int, phone: Phone, seconds: int) -> None:
        now = NOW + timedelta(seconds=seconds)
        phone.take(calendar_file(tell_calendar(self.secrets[nurse], now=now)))

    def do(self, verb: str, which: int, how: int) -> None:
        visit, by = self.visits[which], self.patients[which]
        if verb == "cancel":
            cancel_visit(visit, reason="", expected_version=None, by=by, now=NOW)
        if verb == "hand":
            nurse: UUID | None = self.nurses[how].person_id
            assert nurse is not None
            assign_by_hand(
                visit, nurse, reason="", expected_version=None, by=self.world.bob, now=NOW
            )
        if verb == "move":
            self.move(visit, which, how, by)

    def move(self, visit: UUID, which: int, hour: int, by: Actor) -> None:
        home = self.homes[which]
        for slot in self.world.slots(home):
            if slot.start == at(hour):
                hold = self.world.hold(slot, home, by)
                reschedule_visit(visit, hold, expected_version=None, by=by, now=NOW)
                assign_visit(visit, now=NOW)
                return


@pytest.mark.django_db
def test_phones_that_look_now_and_then_show_what_the_nurses_have_to_do() -> None:
    day = Day()

    @settings(max_examples=12, deadline=None)
    @given(steps=st.lists(STEPS, min_size=2, max_size=7))
    def whatever_happens(steps) -> None:
        with transaction.atomic():
            phones = [Phone(), Phone()]
            for number, (verb, which, how) in enumerate(steps):
                if verb == "look":
                    day.look(which, phones[which], number)
                    continue
                with suppress(Conflict), transaction.atomic():
                    day.do(verb, which, how)
            for number, phone in enumerate(phones):
                day.look(number, phone, len(steps))
                assert phone.times == has_to_do(day.nurses[number].person_id)
            transaction.set_rollback(True)

    whatever_happens()


@pytest.mark.django_db
def test_without_cancelled_visits_a_phone_would_keep_what_is_over() -> None:
    """The control: leave out what is cancelled, and the phone no longer agrees."""
    day, phone = Day(), Phone()
    secret = day.secrets[0]
    owner = 0 if has_to_do(day.nurses[0].person_id) else 1
    secret = day.secrets[owner]
    phone.take(calendar_file(tell_calendar(secret, now=NOW)))
    for number in range(2):
        day.do("cancel", number, 0)
    told = tell_calendar(secret, now=NOW)
    phone.take(calendar_file(one for one in told if not one.cancelled))
    assert phone.times != has_to_do(day.nurses[owner].person_id) == []
    phone.take(calendar_file(told))
    assert phone.times == []
