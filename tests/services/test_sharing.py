"""A summary goes to whom the patient agreed to, and to nobody once that was taken back."""

import re
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client as Browser

from dispatch.domain.channels import Channel
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.ids import new_id
from dispatch.domain.people import Actor, Role
from dispatch.domain.sharing import LINK_LASTS, RecipientKind
from dispatch.models import AuditEntry, LocalMessage, Message, SharingConsent, Visit
from dispatch.selectors import judged
from dispatch.selectors.links import message_behind, summary_secret
from dispatch.selectors.verifications import nurse_of
from dispatch.services import sending
from dispatch.services.assignment import assign_visit
from dispatch.services.fieldwork import record_events
from dispatch.services.sending import beginning
from dispatch.services.sharing import agree_to_share, stop_sharing
from tests.builders import NOW, World, at, named
from tests.concurrency.racing import PATIENCE_S, comes_first, race
from tests.databases import Clone
from tests.faults.running import set_clock
from tests.telling import WELL, told
from workers import work
from workers.wiring import carrier

DOCTOR = "+12025550133"


@pytest.fixture
def world(fresh_database: Clone) -> World:
    world = World()
    set_clock(world.market, NOW)
    world.shift(world.nurse("nina"))
    return world


def agree(world: World, recipient=RecipientKind.PRIMARY_PHYSICIAN, *, version=1, **contact):
    channel, to = next(iter((contact or {"text": DOCTOR}).items()))
    return agree_to_share(
        recipient=recipient, name="Dr. Green", channel=Channel(channel), contact=to,
        text_version=version, by=world.alice, now=NOW,
    )  # fmt: skip


def completed(world: World):
    visit_id = world.book(world.home(world.alice), world.alice, at(10))
    assign_visit(visit_id, now=NOW)
    set_clock(world.market, at(12))
    world.carry_out(visit_id, at(10), at(12))
    work.deliver_events()
    return visit_id


def summaries() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind="summary").order_by("id")
    return list(rows.values_list("state", "state_because"))


def texts_to_the_doctor() -> list[str]:
    return [one.body for one in LocalMessage.objects.all() if one.recipient == DOCTOR]


def link_sent() -> str:
    (body,) = texts_to_the_doctor()
    return re.search(r"/summaries/\S+", body)[0]


def test_after_a_visit_whoever_it_is_shared_with_is_sent_a_link(world: World) -> None:
    agree(world)
    completed(world)
    work.send_messages()
    (body,) = texts_to_the_doctor()
    for word in ("alice", "ketamine", "Green", "nina"):
        assert word.lower() not in body.lower()
    page = Browser().get(link_sent())
    assert page.status_code == 200
    for word in (named("alice"), "Ketamine, induction of six", "8 June 2027", "nina"):
        assert word in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert AuditEntry.objects.filter(role="recipient", verb="open").count() == 1


def test_the_page_shows_what_was_given_measured_and_felt(world: World) -> None:
    agree(world)
    visit_id = completed(world)
    nina = nurse_of(Visit.objects.get(id=visit_id))
    by = Actor(nina.user_id, Role.NURSE, world.market.id, nina.id)
    events = [told("vitals", at(10, 5 * n), **WELL | {"heart_rate_bpm": 70 + n}) for n in (1, 2)]
    events.append(told("side_effect", at(10, 20), code="nausea"))
    record_events(visit_id, events, by=by, now=at(12))
    work.send_messages()
    page = Browser().get(link_sent()).content.decode()
    for words in ("35000 µg", "heart_rate_bpm: 71 to 72", "systolic_mmhg: 120 to 120", "Nausea."):
        assert words in page
    assert "weight" not in page


def test_nobody_is_sent_anything_without_a_consent(world: World) -> None:
    completed(world)
    assert summaries() == []


def test_what_is_told_twice_is_sent_once(world: World) -> None:
    from dispatch.services.summaries import share_summary

    agree(world)
    visit_id = completed(world)
    work.send_messages()
    share_summary(visit_id, now=at(13))
    work.send_messages()
    assert summaries() == [("sent", "")]
    assert len(texts_to_the_doctor()) == 1


def test_a_consent_taken_back_between_due_and_sending_lets_nothing_out(world: World) -> None:
    consent_id = agree(world)
    completed(world)
    stop_sharing(consent_id, by=world.alice, now=at(12))
    work.send_messages()
    assert summaries() == [("withdrawn", "consent_withdrawn")]
    assert texts_to_the_doctor() == []


def test_without_the_look_at_the_consent_it_would_be_sent(world: World, monkeypatch) -> None:
    """The control of the one before."""

    def everybody(messages: list[Message]) -> set[object]:
        return {one.person_id for one in messages}

    monkeypatch.setattr(beginning, "locked_consents", everybody)
    consent_id = agree(world)
    completed(world)
    stop_sharing(consent_id, by=world.alice, now=at(12))
    work.send_messages()
    assert len(texts_to_the_doctor()) == 1


def while_it_is_begun(world: World, monkeypatch) -> tuple[bool, object]:
    """Take the consent back once the message was judged; was that done before it was begun?"""
    consent_id = agree(world)
    completed(world)
    (lease,) = [
        one for one in sending.claim_due()
        if Message.objects.get(id=one.message_id).kind == "summary"
    ]  # fmt: skip
    asked, stopped = threading.Event(), threading.Event()
    why_not, before = judged.why_not, []

    def judge(*facts):
        reason = why_not(*facts)
        asked.set()
        before.append(comes_first(stopped))
        return reason

    def stop() -> None:
        assert asked.wait(PATIENCE_S)
        stop_sharing(consent_id, by=world.alice, now=at(12))
        stopped.set()

    monkeypatch.setattr(judged, "why_not", judge)
    now = {world.market.id: at(12)}
    begun, _ = race([partial(sending.begin, [lease], carriers=carrier, now=now), stop])
    return before[0], begun


def test_taking_back_waits_for_the_message_that_is_being_begun(world: World, monkeypatch) -> None:
    taken_back_first, begun = while_it_is_begun(world, monkeypatch)
    assert (taken_back_first, len(begun)) == (False, 1)


def test_without_the_lock_a_message_is_begun_after_its_consent_was_taken_back(
    world: World, monkeypatch
) -> None:
    """The control of the one before."""

    def unlocked(messages: list[Message]) -> set[object]:
        ids = [one.person_id for one in messages]
        standing = SharingConsent.objects.filter(id__in=ids, withdrawn_at__isnull=True)
        return set(standing.values_list("id", flat=True))

    monkeypatch.setattr(beginning, "locked_consents", unlocked)
    taken_back_first, begun = while_it_is_begun(world, monkeypatch)
    assert (taken_back_first, len(begun)) == (True, 1)


def test_the_link_dies_with_the_consent(world: World) -> None:
    consent_id = agree(world)
    completed(world)
    work.send_messages()
    assert Browser().get(link_sent()).status_code == 200
    stop_sharing(consent_id, by=world.alice, now=at(13))
    closed = Browser().get(link_sent())
    assert closed.status_code == 404
    assert "alice" not in closed.content.decode()


def test_the_link_closes_after_its_time(world: World) -> None:
    agree(world)
    completed(world)
    work.send_messages()
    due_at = Message.objects.get(kind="summary").due_at
    set_clock(world.market, due_at + LINK_LASTS - timedelta(minutes=1))
    assert Browser().get(link_sent()).status_code == 200
    set_clock(world.market, due_at + LINK_LASTS)
    assert Browser().get(link_sent()).status_code == 404


def test_a_link_that_we_did_not_sign_or_of_another_message_opens_nothing(world: World) -> None:
    agree(world)
    completed(world)
    sent = Message.objects.get(kind="summary")
    secret = summary_secret(sent.id)
    assert message_behind(secret) == sent.id
    sent.pk, sent.kind, sent.template = new_id(), "aftercare", "aftercare_rest"
    sent.save(force_insert=True)
    other = summary_secret(sent.id)
    mixed = secret.partition(".")[0] + "." + other.partition(".")[2]
    for forged in (secret[:-1], secret + "x", mixed, "x", ".", "x.y", secret.partition(".")[0]):
        with pytest.raises(NotFound):
            message_behind(forged)
        assert Browser().get(f"/summaries/{forged}").status_code == 404
    assert Browser().get(f"/summaries/{other}").status_code == 404, "signed, and no summary"


def test_a_recipient_with_an_address_gets_an_email(world: World) -> None:
    agree(world, email="green@example.org")
    completed(world)
    work.send_messages()
    assert summaries() == [("sent", "")]
    (sent,) = LocalMessage.objects.filter(channel="email")
    assert (sent.recipient, sent.subject) == (
        "green@example.org",
        "A summary is shared with you",
    )


def test_each_kind_of_recipient_is_told_and_one_of_each_at_a_time(world: World) -> None:
    first = agree(world)
    agree(world, RecipientKind.MENTAL_HEALTH_PROVIDER, text="+12025550134")
    with pytest.raises(Conflict, match="Take back"):
        agree(world)
    stop_sharing(first, by=world.bob, now=NOW)
    with pytest.raises(Conflict, match="taken back before"):
        stop_sharing(first, by=world.alice, now=NOW)
    agree(world)
    completed(world)
    assert summaries() == [("due", "")] * 2


def test_another_version_of_the_wording_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        agree(world, version=2)
    assert list(refused.value.fields) == ["text_version"]


def test_a_stranger_takes_nothing_back(world: World) -> None:
    consent_id = agree(world)
    for stranger in (world.patient("mallory"), World("Boston").bob):
        with pytest.raises(NotFound):
            stop_sharing(consent_id, by=stranger, now=NOW)
    assert SharingConsent.objects.filter(withdrawn_at__isnull=True).count() == 1
