"""A video provider that hangs while real workers call it, and workers that die meanwhile."""

from collections.abc import Iterator

import pytest

from dispatch.domain.consults import ConsultKind
from dispatch.models import Consult
from dispatch.services.consults import ask_consult
from tests.builders import KETAMINE, NOW, World, at
from tests.databases import Clone
from tests.fakes import ADDRESS, Hang, Provider, running_provider
from tests.faults.running import LEASE_S, START_S, kill_in_mid_call, set_clock, start_worker, within
from tests.launching import Launcher

pytestmark = pytest.mark.journey


@pytest.fixture
def provider() -> Iterator[tuple[Provider, str]]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def world(fresh_database: Clone) -> World:
    """With a consult that has no room yet."""
    world = World()
    set_clock(world.market, NOW)
    assert world.dora
    ask_consult(
        patient_id=None, kind=ConsultKind.BEFORE_FIRST, protocol_code=KETAMINE, starts_at=at(10),
        clinician_id=None, by=world.alice, now=NOW,
    )  # fmt: skip
    return world


@pytest.mark.parametrize(
    ("hang", "opened"), [(Hang.BEFORE_ACCEPTING, 0), (Hang.AFTER_ACCEPTING, 1)]
)
def test_a_room_whose_worker_was_killed_while_the_provider_hung_is_opened_once(
    world: World, launch: Launcher, services_env, provider, hang: Hang, opened: int
) -> None:
    service, url = provider
    kill_in_mid_call(launch, services_env, service, hang, **rooms("HttpRooms", url))
    assert (Consult.objects.get().state, len(service.sent)) == ("asked", opened)

    start_worker(launch, services_env, **rooms("HttpRooms", url))
    within(START_S + LEASE_S + 4, lambda: Consult.objects.get().state == "ready")
    assert len(service.sent) == 1
    assert set(service.calls) == {str(Consult.objects.get().id)}


def test_without_the_key_there_are_two_rooms(
    world: World, launch: Launcher, services_env, provider
) -> None:
    service, url = provider
    keyless = rooms("KeylessRooms", url)
    kill_in_mid_call(launch, services_env, service, Hang.AFTER_ACCEPTING, **keyless)
    start_worker(launch, services_env, **rooms("KeylessRooms", url))
    within(START_S + LEASE_S + 4, lambda: Consult.objects.get().state == "ready")
    assert len(service.sent) == 2


def rooms(gateway: str, url: str) -> dict[str, str]:
    return {"TELEHEALTH_GATEWAY": f"tests.fakes.{gateway}", ADDRESS: url}
