"""A visit is verified once when it is over; whatever is known later is a row beside it."""

from datetime import timedelta

import pytest

from dispatch import outbox
from dispatch.domain.errors import Invalid, NotFound
from dispatch.domain.events import VisitProgressed
from dispatch.domain.verification import CorrectionReason, Element
from dispatch.models import AuditEntry, Verification, VerificationCorrection, Visit
from dispatch.models.people import Patient
from dispatch.selectors.verifications import verified, what_counts
from dispatch.services.assignment import assign_visit
from dispatch.services.verification import correct_verification, verify_visit
from tests.builders import NOW, STREET, WASHINGTON, World, at, named
from workers import work

pytestmark = pytest.mark.django_db

LATER = at(18)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def visit(world):
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    return visit_id


@pytest.fixture
def verification(world, visit) -> Verification:
    world.carry_out(visit, at(10), at(12), point=WASHINGTON)
    work.deliver_events()
    return Verification.objects.get(visit_id=visit)


def correct(row, element, value, by, reason=CorrectionReason.WRONG_ENTRY, now=LATER) -> None:
    correct_verification(row.id, element=element, value=value, reason=reason, by=by, now=now)


def progressed(visit, now=LATER) -> None:
    outbox.record(VisitProgressed(visit), market_id=Visit.objects.get(id=visit).market_id, now=now)
    work.deliver_events()


def test_a_completed_visit_is_verified_with_its_six_elements(verification) -> None:
    one = verified(verification)
    assert (one.service, one.billing) == ("ketamine_six_induction", "CPT 96365; HCPCS J3490")
    assert (one.recipient, one.provider) == (named("alice"), "nina")
    assert one.address == f"{STREET}, DC 20001"
    assert (one.lat, one.lng) == WASHINGTON
    assert (one.begun_at, one.ended_at, one.date) == (at(10), at(12), at(10).date())
    assert one.corrections == ()


def test_a_visit_that_broke_off_at_the_door_is_verified_to_the_moment_it_ended(world, visit):
    world.carry_out(visit, at(10), at(11), ends="abort")
    work.deliver_events()
    one = verified(Verification.objects.get(visit_id=visit))
    assert (one.provider, one.begun_at, one.ended_at) == ("nina", at(10), at(11))
    assert (one.lat, one.lng) == (None, None)


def test_a_visit_that_did_not_take_place_or_goes_on_is_not_verified(world, visit) -> None:
    verify_visit(visit, now=NOW)
    world.carry_out(visit, at(10), at(11), ends="no-show")
    work.deliver_events()
    assert not Verification.objects.exists()


def test_told_again_nothing_is_written_and_told_otherwise_a_correction(verification, visit) -> None:
    progressed(visit)
    assert not VerificationCorrection.objects.exists()
    Visit.objects.filter(id=visit).update(completed_at=at(12, 7))
    progressed(visit)
    progressed(visit)
    (row,) = VerificationCorrection.objects.all()
    assert (row.element, row.reason, row.corrected_by) == ("ended_at", "late_device_record", None)
    assert (row.old_value, row.new_value) == (at(12).isoformat(), at(12, 7).isoformat())
    verification.refresh_from_db()
    assert verification.ended_at == at(12), "the first row stays"
    assert what_counts(verification).ended_at == at(12, 7)


def test_a_name_that_is_changed_later_is_no_news_of_the_visit(world, verification, visit) -> None:
    Patient.objects.filter(id=world.alice.person_id).update(name="Alice Married")
    progressed(visit)
    assert not VerificationCorrection.objects.exists()


def test_what_a_person_corrected_is_not_undone_by_a_phone_that_says_the_same(
    world, verification, visit
) -> None:
    correct(verification, Element.BEGUN_AT, "2027-06-08T09:50", world.bob)
    progressed(visit)
    assert verified(verification).begun_at == at(9, 50)
    Visit.objects.filter(id=visit).update(arrived_at=at(9, 55))
    progressed(visit)
    one = verified(verification)
    assert [fix.reason.value for fix in one.corrections] == ["wrong_entry", "late_device_record"]
    assert one.corrections[1].old_value == at(9, 50).isoformat()
    assert one.begun_at == at(9, 55)


def test_a_correction_says_who_made_it_and_is_audited(world, verification) -> None:
    correct(verification, Element.ADDRESS, "2 Main Street", world.bob, CorrectionReason.OTHER_PLACE)
    correct(verification, Element.ARRIVED_AT_POINT, "38.9,-77.0", world.anna)
    one = verified(verification)
    assert (one.address, one.lat, one.lng) == ("2 Main Street", 38.9, -77.0)
    assert [fix.by for fix in one.corrections] == [world.bob.user_id, world.anna.user_id]
    assert [fix.old_value for fix in one.corrections] == [
        f"{STREET}, DC 20001", f"{WASHINGTON[0]},{WASHINGTON[1]}",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(verb="correct", subject_id=verification.id).count() == 2


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (Element.RECIPIENT, named("alice")),
        (Element.ENDED_AT, "2027-06-08T12:00"),
        (Element.ENDED_AT, "2027-06-08T09:59"),
        (Element.BEGUN_AT, "2027-06-08T12:01"),
        (Element.ENDED_AT, "2027-06-08T18:01"),
        (Element.ENDED_AT, "soon"),
    ],
)
def test_a_correction_that_changes_nothing_or_cannot_be_is_refused(
    world, verification, element, value
) -> None:
    with pytest.raises(Invalid) as refused:
        correct(verification, element, value, world.bob)
    assert list(refused.value.fields) == ["value"]
    assert not VerificationCorrection.objects.exists()


def test_a_correction_may_reach_just_to_the_present(world, verification) -> None:
    correct(verification, Element.ENDED_AT, "2027-06-08T18:00", world.bob)
    assert verified(verification).ended_at == LATER


def test_a_verification_of_another_market_is_none(verification) -> None:
    with pytest.raises(NotFound):
        correct(verification, Element.RECIPIENT, "Mallory", World("Boston").bob)


def test_two_changes_of_the_phone_are_two_numbered_rows(verification, visit) -> None:
    Visit.objects.filter(id=visit).update(
        arrived_at=at(10) - timedelta(minutes=3), completed_at=at(12, 1)
    )
    progressed(visit)
    rows = VerificationCorrection.objects.order_by("number")
    assert [(row.number, row.element) for row in rows] == [(1, "begun_at"), (2, "ended_at")]
