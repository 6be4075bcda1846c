"""How people are reached: by what they agreed to, where nobody said stop, in their order."""

from datetime import timedelta

import pytest

from dispatch.domain.channels import Channel, Language, Way
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.messages import Audience
from dispatch.domain.tasks import TaskKind
from dispatch.models import (
    AuditEntry,
    ContactConsent,
    Message,
    MessageAttempt,
    Patient,
    PushSubscription,
    Task,
)
from dispatch.selectors.contacts import reach_of
from dispatch.services.companions import add_companion
from dispatch.services.contacts import (
    start_address,
    stop_address,
    withdraw_agreement,
)
from tests.builders import COMPANIONS_PHONE, NOW, PHONE, World, at
from tests.faults.running import set_clock
from tests.services.reaching import EVERY_WAY, MAIL, agrees, subscribes, wants, ways
from workers import work


@pytest.fixture
def world(db: None) -> World:
    return World()


def test_nothing_goes_to_an_address_that_was_not_agreed_to(world: World) -> None:
    wants(world.alice, *EVERY_WAY, email=MAIL)
    assert ways(world.alice) == [Way(Channel.TEXT, PHONE)]
    agrees(world.alice, Channel.EMAIL)
    assert ways(world.alice) == [Way(Channel.TEXT, PHONE), Way(Channel.EMAIL, MAIL)]


def test_a_consent_says_who_gave_it_when_and_to_which_words(world: World) -> None:
    wants(world.alice, *EVERY_WAY, email=MAIL)
    patient_id = world.alice.person_id
    consent_id = agrees(world.bob, Channel.EMAIL, patient_id=patient_id, language=Language.SPANISH)
    consent = ContactConsent.objects.get(id=consent_id)
    assert (consent.person_id, consent.given_by_id) == (patient_id, world.bob.user_id)
    assert (consent.given_at, consent.wording) == (NOW, "email.es.1")
    (line,) = AuditEntry.objects.filter(subject_id=consent_id)
    assert (line.verb, line.user_id) == ("agree", world.bob.user_id)
    assert agrees(world.alice, Channel.EMAIL) == consent_id, "one that stands is not given again"


def test_words_of_another_version_are_not_what_is_agreed_to(world: World) -> None:
    with pytest.raises(Invalid):
        agrees(world.alice, Channel.TEXT, text_version=2)
    with pytest.raises(Invalid):
        agrees(world.alice, Channel.EMAIL)


def test_a_new_number_is_sent_nothing_until_it_is_agreed_to(world: World) -> None:
    wants(world.alice, Channel.TEXT, phone="+12025550177")
    assert ways(world.alice) == []
    agrees(world.alice, Channel.TEXT)
    assert ways(world.alice) == [Way(Channel.TEXT, "+12025550177")]


def test_what_is_taken_back_no_longer_counts_and_can_be_given_again(world: World) -> None:
    consent_id = agrees(world.alice, Channel.TEXT)
    withdraw_agreement(consent_id, by=world.alice, now=NOW)
    assert ways(world.alice) == []
    with pytest.raises(Conflict):
        withdraw_agreement(consent_id, by=world.alice, now=NOW)
    assert agrees(world.alice, Channel.TEXT) != consent_id
    assert ways(world.alice) == [Way(Channel.TEXT, PHONE)]


def test_nobody_takes_back_what_another_agreed_to(world: World) -> None:
    consent_id = agrees(world.alice, Channel.TEXT)
    for stranger in (world.patient("mallory"), World("Elsewhere").bob):
        with pytest.raises(NotFound):
            withdraw_agreement(consent_id, by=stranger, now=NOW)
    withdraw_agreement(consent_id, by=world.bob, now=NOW)


def test_stop_counts_for_the_address_whoever_it_belongs_to(world: World) -> None:
    alice, zoe = world.alice, world.patient("zoe")
    other_town = World("Elsewhere").alice
    assert stop_address(Channel.TEXT, PHONE, "STOP", now=NOW)
    assert not stop_address(Channel.TEXT, PHONE, "END", now=NOW), "it is confirmed once"
    assert ways(alice) == ways(zoe) == ways(other_town) == []
    assert start_address(Channel.TEXT, PHONE, now=NOW)
    assert not start_address(Channel.TEXT, PHONE, now=NOW)
    assert ways(alice) == ways(zoe) == ways(other_town) == [Way(Channel.TEXT, PHONE)]
    lines = AuditEntry.objects.filter(subject="patient", subject_id=alice.person_id)
    assert {"stop", "start"} <= set(lines.values_list("verb", flat=True))


def test_only_the_phone_itself_takes_a_stop_back(world: World) -> None:
    consent_id = agrees(world.alice, Channel.TEXT)
    withdraw_agreement(consent_id, by=world.alice, now=NOW)
    stop_address(Channel.TEXT, PHONE, "STOP", now=NOW)
    with pytest.raises(Conflict) as refusal:
        agrees(world.alice, Channel.TEXT)
    assert refusal.value.code == "stopped"


def test_of_e_mails_the_patient_takes_it_back_and_the_desk_does_not(world: World) -> None:
    wants(world.alice, Channel.EMAIL, email=MAIL)
    stop_address(Channel.EMAIL, MAIL.upper(), "complaint", now=NOW)
    with pytest.raises(Conflict):
        agrees(world.bob, Channel.EMAIL, patient_id=world.alice.person_id)
    agrees(world.alice, Channel.EMAIL)
    assert ways(world.alice) == [Way(Channel.EMAIL, MAIL)]


def test_browsers_come_in_the_patients_order_the_newest_first(world: World) -> None:
    first = subscribes(world.alice)
    PushSubscription.objects.update(subscribed_at=NOW - timedelta(days=1))
    second = subscribes(world.alice, "https://web.push.apple.com/xyz")
    wants(world.alice, Channel.PUSH, Channel.TEXT)
    pushes = [Way(Channel.PUSH, second), Way(Channel.PUSH, first)]
    assert ways(world.alice) == [*pushes, Way(Channel.TEXT, PHONE)]
    PushSubscription.objects.filter(id=second).update(gone_at=NOW)
    assert ways(world.alice) == [*pushes[1:], Way(Channel.TEXT, PHONE)]


def test_a_browser_that_another_patient_signs_in_with_is_theirs(world: World) -> None:
    browser, zoe = subscribes(world.alice), world.patient("zoe")
    assert subscribes(zoe) == browser
    assert Way(Channel.PUSH, browser) in ways(zoe)
    assert Way(Channel.PUSH, browser) not in ways(world.alice)


@pytest.mark.parametrize(
    "endpoint", ["https://127.0.0.1/a", "http://fcm.googleapis.com/a", "https://example.org/a"]
)
def test_a_subscription_leads_to_no_address_but_a_push_services(world: World, endpoint) -> None:
    with pytest.raises(Invalid) as refusal:
        subscribes(world.alice, endpoint)
    assert list(refusal.value.fields) == ["endpoint"]
    assert not PushSubscription.objects.exists()


def test_whoever_is_named_companion_is_written_to_by_what_the_patient_says(world: World) -> None:
    companion_id = add_companion(
        patient_id=None, name="Carl", phone=COMPANIONS_PHONE, by=world.alice, now=NOW
    )
    reach = reach_of([(Audience.COMPANION, companion_id)])[companion_id]
    assert reach.ways == (Way(Channel.TEXT, COMPANIONS_PHONE),)
    consent = ContactConsent.objects.get(person_id=companion_id)
    assert (consent.given_by_id, consent.wording) == (world.alice.user_id, "companion_named.en.1")
    stop_address(Channel.TEXT, COMPANIONS_PHONE, "STOP", now=NOW)
    assert reach_of([(Audience.COMPANION, companion_id)])[companion_id].ways == ()


def test_a_companion_is_written_to_in_their_language_by_every_way_and_by_their_clocks(
    world: World,
) -> None:
    Patient.objects.filter(id=world.alice.person_id).update(language="es")
    who = {"patient_id": None, "name": "Carl", "phone": COMPANIONS_PHONE, "by": world.alice}
    like_her = add_companion(**who, now=NOW)
    other = add_companion(
        **who, email=MAIL, language=Language.ENGLISH, zone="America/Denver", now=NOW
    )
    reach = reach_of([(Audience.COMPANION, like_her), (Audience.COMPANION, other)])
    assert (reach[like_her].language, reach[like_her].zone) == (Language.SPANISH, None)
    assert (reach[other].language, reach[other].zone) == (Language.ENGLISH, "America/Denver")
    assert Way(Channel.EMAIL, MAIL) in reach[other].ways


def test_many_people_cost_no_more_queries_than_one(
    world: World, django_assert_max_num_queries
) -> None:
    wants(world.alice, *EVERY_WAY, email=MAIL)
    people = [(Audience.PATIENT, world.alice.person_id)]
    for number in range(5):
        actor = world.patient(f"p{number}")
        subscribes(actor, f"https://fcm.googleapis.com/{number}")
        people += [
            (Audience.PATIENT, actor.person_id),
            (Audience.COMPANION, world.companion(actor).id),
        ]
    with django_assert_max_num_queries(6):
        found = reach_of(people)
    assert len(found) == len(people)


def test_without_any_way_the_message_is_dead_and_the_desk_has_a_task(world: World) -> None:
    world.shift(world.nurse("nina"))
    withdraw_agreement(agrees(world.alice, Channel.TEXT), by=world.alice, now=NOW)
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    set_clock(world.market, NOW)
    work.deliver_events()
    work.send_messages()
    dead = Message.objects.filter(visit_id=visit_id, state="dead", state_because="no_way")
    assert dead.exists()
    assert not MessageAttempt.objects.exists()
    tasks = Task.objects.filter(kind=TaskKind.MESSAGE_UNDELIVERED.value, visit_id=visit_id)
    assert set(tasks.values_list("subject_id", flat=True)) == set(dead.values_list("id", flat=True))
