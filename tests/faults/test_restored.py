"""A database is lost and restored from a dump, and its workers know nothing of what was sent since.

The provider does: it is asked before anything is sent again.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.gateways.handover import client, made
from dispatch.models import DeliveryEngine, Message, Patient, Visit
from dispatch.selectors.engine import fingerprint, is_held
from dispatch.services.engine import look_at_database
from tests.builders import NOW, World, at
from tests.databases import Clone, TestDatabases
from tests.faults.running import START_S, set_clock, start_worker, within
from tests.launching import Launcher
from tests.restoring import SENDER, dump, received, restored, texts_by
from tests.standin.door import Standin
from tests.standin.running import running_standin
from workers import wiring, work

pytestmark = pytest.mark.journey

PATIENCE_S = 60
FEW = 3


@pytest.fixture
def provider(settings) -> Iterator[Standin]:
    """Texts of this process go by it, too."""
    with running_standin() as standin:
        settings.CARRIERS = settings.CARRIERS | {"text": texts_by(standin)["TEXTS_GATEWAY"]}
        settings.TWILIO_ACCOUNT_SID = standin.account.sid
        settings.TWILIO_AUTH_TOKEN = standin.account.token
        settings.TWILIO_FROM, settings.TWILIO_URL = SENDER, standin.url
        wiring.carrier.cache_clear()
        client()  # one for all threads that send
        yield standin
        client().close()
        made.cache_clear()
        wiring.carrier.cache_clear()


@dataclass
class Lost:
    """The database as it was dumped, and what was received before it was lost."""

    dump: Path
    sent: dict[tuple[str, str], int]
    world: World


@pytest.fixture
def lost(fresh_database: Clone, provider: Standin, tmp_path: Path) -> Lost:
    """Of some visits the messages are planned when the dump is made, of others only the event is
    there; everybody is told afterwards."""
    world = World()
    for number in range(3 * FEW):
        world.shift(world.nurse(f"nurse {number}"))
    set_clock(world.market, NOW)
    look_at_database()
    told = [book(world, number) for number in range(FEW)]
    work.do_all()
    assert all(is_told(one) for one in told)
    for number in range(FEW, 2 * FEW):
        book(world, number)
    work.deliver_events()
    for number in range(2 * FEW, 3 * FEW):
        book(world, number)
    kept = dump(fresh_database, tmp_path)
    work.do_all()
    work.do_all()
    assert all(map(is_told, Visit.objects.values_list("id", flat=True)))
    sent = received(provider)
    assert len(sent) >= 3 * FEW
    assert set(sent.values()) == {1}
    return Lost(kept, dict(sent), world)


def book(world: World, number: int):
    """A new patient with a number of their own."""
    patient = world.patient(f"patient {number}")
    Patient.objects.filter(id=patient.person_id).update(phone=f"+1202555{1000 + number}")
    return world.book(world.home(patient), patient, at(10))


def is_told(visit_id) -> bool:
    return Message.objects.filter(visit_id=visit_id, kind="confirmation", state="sent").exists()


@pytest.fixture
def name() -> str:
    return f"restored_{secrets.token_hex(4)}"


def test_nobody_receives_anything_twice_from_a_restored_database(
    lost: Lost, provider, name, test_databases: TestDatabases, services_env, launch: Launcher
) -> None:
    with restored(lost.dump, name, test_databases) as database:
        assert is_held(), "nobody has looked yet, and nothing is begun all the same"
        assert not all(map(is_told, Visit.objects.values_list("id", flat=True)))
        env = services_env | texts_by(provider)
        env |= {"DATABASE_URL": database.url, "DATABASE_OWNER_URL": database.owner_url}
        worker = start_worker(launch, env)
        within(START_S + PATIENCE_S, lambda: worker.said("is settled"))
        within(PATIENCE_S, lambda: all(map(is_told, Visit.objects.values_list("id", flat=True))))
        assert received(provider) == lost.sent
        assert not is_held()
        assert not Message.objects.filter(state_because="restored").exists()
        launch.stop_all()


def test_without_the_hold_they_do(
    lost: Lost, provider, name, test_databases: TestDatabases
) -> None:
    """The control: the restored database passes for the one that was lost."""
    with restored(lost.dump, name, test_databases):
        DeliveryEngine.objects.update(fingerprint=fingerprint())
        assert not is_held()
        work.do_all()
        work.do_all()
        assert max(received(provider).values()) == 2
