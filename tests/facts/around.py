"""Proofs of what is around the visit: who comes, how it is booked, paid, and passed on."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Channel
from dispatch.domain.charges import CoverageState
from dispatch.domain.clock import local
from dispatch.domain.consults import ConsultKind
from dispatch.domain.errors import Invalid
from dispatch.domain.sharing import RecipientKind
from dispatch.models import Consult, LocalMessage, Market, Message, Reservation, Visit
from dispatch.models.clock import database_now
from dispatch.selectors.superbill import superbill_of
from dispatch.services.assignment import assign_visit
from dispatch.services.consults import ask_consult
from dispatch.services.coverage import set_coverage, show_price
from dispatch.services.sharing import agree_to_share, stop_sharing
from tests.builders import BETHESDA, KETAMINE, NOW, TOMORROW, World, at, named
from tests.facts.proof import proves
from tests.readying import look
from workers import work

LATER = TOMORROW + timedelta(days=3)
CENTRAL = "America/Chicago"
CONTACTS = {
    RecipientKind.MENTAL_HEALTH_PROVIDER: "+12025550134",
    RecipientKind.PRIMARY_PHYSICIAN: "+12025550133",
}


def set_clock(world: World, now) -> None:
    Market.objects.filter(id=world.market.id).update(clock_offset=now - database_now())


def treated(world: World, home, start) -> Visit:
    visit_id = world.book(home, world.alice, start)
    assign_visit(visit_id, now=NOW)
    world.carry_out(visit_id, start, start + timedelta(hours=2))
    set_clock(world, start + timedelta(hours=3))
    work.deliver_events()
    work.send_messages()
    return Visit.objects.get(id=visit_id)


@proves("around.nurse_travels")
def a_certified_nurse_sets_out_for_the_patients_home(world: World) -> None:
    home = world.home(world.alice, BETHESDA, state="MD")
    world.shift(world.nurse("nora", certificates=("iv_therapy",)))
    assert world.slots(home) == (), "she has no certificate for it"
    nina = world.nurse("nina")
    world.shift(nina)
    visit_id = world.book(home, world.alice, at(10))
    held = Reservation.objects.get(visit=visit_id)
    assert held.nurse_id == nina.person_id
    assert held.leave_at < held.start_at, "it is she who travels"


@proves("around.phone_or_online")
def the_patient_books_online_or_a_dispatcher_on_the_phone(world: World) -> None:
    world.shift(world.nurse("nina"))
    amos = world.patient("amos")
    online = world.book(world.home(world.alice), world.alice, at(9))
    by_phone = world.book(world.home(amos), world.bob, at(14))
    booked = dict(Visit.objects.values_list("id", "booked_by"))
    assert booked == {online: world.alice.user_id, by_phone: world.bob.user_id}


@proves("around.telemedicine")
def they_see_each_other_by_video_before_and_after_without_a_visit(world: World) -> None:
    set_clock(world, NOW)
    assert world.dora
    for hour, kind in ((10, ConsultKind.BEFORE_FIRST), (16, ConsultKind.FOLLOW_UP)):
        ask_consult(
            patient_id=None, kind=kind, protocol_code=KETAMINE, starts_at=at(hour),
            clinician_id=None, by=world.alice, now=NOW,
        )  # fmt: skip
    work.open_rooms()
    for consult in Consult.objects.all():
        assert consult.clinician_id == world.dora.user_id
        assert consult.link.endswith(f"/rooms/{consult.id}")
    assert not Visit.objects.exists()


@proves("around.many_states")
def a_licence_for_the_state_and_the_hours_of_the_place(world: World) -> None:
    here = world.home(world.alice, state="DC")
    there = world.home(world.alice, state="TN", zone=CENTRAL)
    world.shift(world.nurse("nina", states=("DC",)), ends=23)
    assert (bool(world.slots(here)), bool(world.slots(there))) == (True, False)
    tess = world.nurse("tess", states=("TN",))
    world.shift(tess, ends=23)
    found = world.slots(there)
    assert {slot.nurse_id for slot in found} == {tess.person_id}
    hours = [local(slot.start, CENTRAL).hour for slot in found]
    assert (min(hours), max(hours)) == (8, 17)


@proves("around.coverage_unknown")
def the_price_is_shown_first_and_nothing_is_promised(world: World) -> None:
    world.shift(world.nurse("nina"))
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    gate = look(visit_id)["coverage"]
    assert (gate.open, "$595" in gate.reason) == (False, True)
    with pytest.raises(Invalid):
        show_price(visit_id, 1, by=world.alice, now=NOW)
    show_price(visit_id, 59_500, by=world.alice, now=NOW)
    gate = look(visit_id)["coverage"]
    assert (gate.open, "unknown" in gate.reason) == (True, True)


@proves("around.billing_codes")
def the_bill_has_the_codes_an_insurer_asks_for(world: World) -> None:
    world.shift(world.nurse("nina"))
    visit = treated(world, world.home(world.alice), at(10))
    bill = superbill_of(world.alice, visit.id)
    codes = [(code.system, code.code) for code in bill.codes]
    assert codes == [("CPT", "96365"), ("HCPCS", "J3490")]
    assert (bill.coverage, bill.price_cents, bill.recipient) == ("unknown", 59_500, named("alice"))
    set_coverage(world.alice.person_id, CoverageState.MAYBE, payer="Acme", by=world.bob, now=at(20))
    assert superbill_of(world.alice, visit.id).coverage == "maybe", "once somebody has asked"


@proves("around.results_shared")
def what_came_of_it_goes_to_whom_the_patient_agreed_and_to_nobody_else(world: World) -> None:
    nina, home = world.nurse("nina"), world.home(world.alice)
    for day in (TOMORROW, LATER):
        world.shift(nina, day)
    treated(world, home, at(10))
    assert not Message.objects.filter(kind="summary").exists()
    consents = [agree(world, kind) for kind in CONTACTS]
    treated(world, home, at(10, day=LATER))
    told = {one.recipient for one in LocalMessage.objects.all() if "/summaries/" in one.body}
    assert told == set(CONTACTS.values())
    for consent in consents:
        stop_sharing(consent, by=world.alice, now=at(20, day=LATER))
    assert Message.objects.filter(kind="summary").count() == 2


def agree(world: World, kind: RecipientKind):
    return agree_to_share(
        recipient=kind, name="Dr. Green", channel=Channel.TEXT, contact=CONTACTS[kind],
        text_version=1, by=world.alice, now=at(20),
    )  # fmt: skip
