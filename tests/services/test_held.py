"""While messages are held none is begun; what may have been sent is settled before they go on."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from dispatch.domain.channels import Outgoing, Receipt
from dispatch.domain.heard import ReceiptHeard
from dispatch.domain.messages import Kind
from dispatch.domain.reconciling import NOISE_WHEN_DOUBLED, Doubt, in_doubt
from dispatch.gateways.carriers import Busy, same_words
from dispatch.models import (
    AuditEntry,
    DeliveryEngine,
    LocalMessage,
    Market,
    Message,
    MessageAttempt,
    OutboxEvent,
)
from dispatch.models.clock import database_now
from dispatch.selectors.engine import fingerprint, is_held
from dispatch.services.engine import hold, look_at_database
from dispatch.services.inbound import keep_receipt
from tests.builders import NOW, World, at
from workers import keeping, work

pytestmark = pytest.mark.django_db


class Archive:
    """A carrier whose provider can be asked, and knows what it is told to know."""

    name = "archive"

    def __init__(self, knows: bool | None, *, tells: bool = False) -> None:
        self.knows, self.tells = knows, tells
        self.sent: list[Outgoing] = []
        self.asked: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> str:
        self.sent.append(outgoing)
        return outgoing.key

    def find(self, outgoing: Outgoing) -> str | None:
        """Raises Busy where it does not know whether it knows."""
        self.asked.append(outgoing)
        if self.knows is None:
            raise Busy
        return "found" if self.knows else None


@pytest.fixture
def world() -> World:
    world = World()
    world.shift(world.nurse("nina"))
    Market.objects.filter(id=world.market.id).update(clock_offset=NOW - database_now())
    world.book(world.home(world.alice), world.alice, at(10))
    look_at_database()
    work.deliver_events()
    return world


def restore() -> None:
    """What a restored database looks like to whoever looks first."""
    DeliveryEngine.objects.update(fingerprint="another")


def turn() -> None:
    """The next look at the engine, whoever's turn it is."""
    DeliveryEngine.objects.update(look_at=database_now())
    keeping.keep()


def kinds(state: str) -> set[str]:
    return set(Message.objects.filter(state=state).values_list("kind", flat=True))


def test_a_new_database_is_not_held(world) -> None:
    assert not is_held()
    DeliveryEngine.objects.all().delete()
    assert not is_held()
    look_at_database()
    look_at_database()
    assert DeliveryEngine.objects.get().fingerprint == fingerprint()
    assert not is_held()


def test_a_restored_database_sends_nothing_and_goes_on_with_all_else(world) -> None:
    restore()
    bea = world.patient("bea")
    world.book(world.home(bea), bea, at(14))
    work.do_all()
    assert not MessageAttempt.objects.exists()
    assert not OutboxEvent.objects.filter(done_at__isnull=True).exists()
    assert kinds("sent") == set()
    assert is_held()


def test_what_the_provider_has_is_not_sent_again(world, monkeypatch) -> None:
    archive = Archive(knows=True)
    monkeypatch.setattr(keeping, "carrier", lambda _: archive)
    due = Message.objects.filter(due_at__lte=NOW + timedelta(minutes=1), audience="patient")
    suspects = set(due.values_list("id", flat=True))
    assert suspects
    restore()
    turn()
    assert not is_held(), "released by itself"
    found = Message.objects.filter(state="sent")
    assert set(found.values_list("id", flat=True)) == suspects
    assert archive.sent == []
    assert {one.tried_since.tzinfo is not None for one in archive.asked} == {True}
    proof = MessageAttempt.objects.filter(
        outcome="accepted", provider_id="found", carrier="archive"
    )
    assert proof.count() == len(suspects)
    assert AuditEntry.objects.filter(verb="find_sent").count() == len(suspects)


@pytest.mark.parametrize("receipt", [None, Receipt.DELIVERED, Receipt.FAILED])
def test_what_is_found_waits_for_its_receipt_as_any_other(world, monkeypatch, receipt) -> None:
    monkeypatch.setattr(keeping, "carrier", lambda _: Archive(knows=True, tells=True))
    Message.objects.exclude(kind="companion_missing").delete()
    if receipt is not None:
        keep_receipt(ReceiptHeard("archive", "found", receipt, "e1"))
    message = Message.objects.get()
    restore()
    turn()
    attempt = MessageAttempt.objects.filter(message=message).earliest("begun_at")
    assert (attempt.key, attempt.receipt) == (message.key, receipt or "")
    message.refresh_from_db()
    if receipt is Receipt.FAILED:
        assert message.step == 1
    else:
        assert (message.state, message.receipt) == ("sent", receipt or "")
        assert (message.receipt_by is None) is (receipt is not None)


def test_one_that_named_an_hour_is_in_doubt_where_it_is_not_found(world, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "carrier", lambda _: Archive(knows=False))
    Message.objects.exclude(kind="companion_missing").delete()
    Message.objects.update(kind="two_hours_before", due_at=NOW)
    message = Message.objects.get()
    restore()
    turn()
    assert AuditEntry.objects.filter(verb="settle_doubt", subject_id=message.id).count() == 1
    message.refresh_from_db()
    assert (message.state, message.state_because) == ("due", "asked_after_restore")


def test_what_the_provider_does_not_have_is_sent(world, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "carrier", lambda _: Archive(knows=False))
    restore()
    turn()
    assert kinds("sent") == set()
    work.send_messages()
    assert "confirmation" in kinds("sent")
    assert LocalMessage.objects.exists()


def test_while_the_provider_cannot_be_asked_nothing_is_sent(world, monkeypatch) -> None:
    archive = Archive(knows=None)
    monkeypatch.setattr(keeping, "carrier", lambda _: archive)
    restore()
    for _ in range(3):
        turn()
        work.send_messages()
    assert is_held()
    assert kinds("sent") == set()
    archive.knows = False
    turn()
    work.send_messages()
    assert "confirmation" in kinds("sent")


def test_where_nobody_can_be_asked_the_kind_decides(world) -> None:
    """The local outbox is restored with everything else."""
    restore()
    turn()
    assert not is_held()
    withdrawn = Message.objects.filter(state="withdrawn", state_because="restored")
    assert set(withdrawn.values_list("kind", flat=True)) == {"confirmation"}
    work.send_messages()
    assert "companion_missing" in kinds("sent")
    assert "confirmation" not in kinds("sent")
    assert AuditEntry.objects.filter(verb="settle_doubt").exists()


def test_what_is_lost_at_least_harm_is_the_only_thing_withdrawn() -> None:
    assert {kind for kind in Kind if in_doubt(kind) is Doubt.WITHDRAW} == NOISE_WHEN_DOUBLED
    assert in_doubt(Kind.TWO_HOURS_BEFORE) is Doubt.SEND


def test_a_visit_booked_while_messages_were_held_is_told_of_in_any_case(world) -> None:
    restore()
    look_at_database()
    olga = world.nurse("olga")
    world.shift(olga)
    bea = world.patient("bea")
    now = Market.objects.get().clock_offset + database_now()
    visit_id = world.book(world.home(bea), bea, at(14), now=now)
    turn()
    work.send_messages()
    told = Message.objects.filter(visit_id=visit_id, kind="confirmation")
    assert told.get().state == "sent"


def test_a_message_that_waits_for_its_receipt_takes_no_other_way_for_a_confirmation(world) -> None:
    waiting = {"state": "sent", "receipt_by": database_now() - timedelta(minutes=1)}
    Message.objects.filter(kind__in=["confirmation", "companion_missing"]).update(**waiting)
    restore()
    turn()
    assert Message.objects.get(kind="confirmation").receipt_by is None
    assert Message.objects.get(kind="companion_missing").receipt_by is not None


def test_an_operator_holds_and_releases_messages(world, capsys) -> None:
    call_command("hold_messages", "--since", "2027-06-07T07:00-04:00")
    engine = DeliveryEngine.objects.get()
    assert (is_held(), engine.held_because) == (True, "operator")
    assert engine.lost_since == NOW - timedelta(hours=1)
    work.send_messages()
    assert kinds("sent") == set()
    call_command("release_messages")
    assert not is_held()
    call_command("release_messages")
    assert "No messages were held." in capsys.readouterr().out
    work.send_messages()
    assert "confirmation" in kinds("sent")


def test_a_second_restore_asks_again(world, monkeypatch) -> None:
    archive = Archive(knows=False)
    monkeypatch.setattr(keeping, "carrier", lambda _: archive)
    restore()
    turn()
    asked = len(archive.asked)
    assert asked
    hold(database_now())
    turn()
    assert len(archive.asked) == 2 * asked


def test_a_comparison_by_hand_prints_what_it_found(world, capsys) -> None:
    Message.objects.all().delete()
    call_command("reconcile_messages", "--json")
    assert f'"planned": {Message.objects.count()}' in capsys.readouterr().out
    call_command("reconcile_messages")
    assert "visits compared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ("See https://x/2 at 9", True),
        (" See https://x/1 at 9\n", True),
        ("See https://x/2 at 10", False),
        ("See https://x/2 or https://x/3 at 9", False),
    ],
)
def test_the_same_words_may_hold_another_link(theirs: str, same: bool) -> None:
    outgoing = Outgoing(
        key="", to="", subject="", body="See https://x/1 at 9", link="https://x/1",
        tried_since=None, good_until=NOW,
    )  # fmt: skip
    assert same_words(outgoing, theirs) is same
