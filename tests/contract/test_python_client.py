"""The typed Python client of `make client`: mypy has no complaint, and a visit is booked by it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from config.embedded.servers import CHECKOUT
from dispatch.models import User, Visit
from tests.builders import KETAMINE, NOW, PASSWORD, TOMORROW, World
from tests.databases import Clone
from tests.faults.running import set_clock, start_api
from tests.launching import Launcher

pytestmark = pytest.mark.journey

HERE = Path(__file__).parent
PROGRAM = "booking_by_client"
PROGRAMS = Path(sys.executable).parent
NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def client_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make client` writes it, in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("client")
    command = [
        str(PROGRAMS / "openapi-python-client"), "generate", "--path", "docs/openapi.yaml",
        "--config", "config/python_client.yaml", "--meta", "none", "--fail-on-warning",
        "--output-path", str(folder / "visiting_nurse"),
    ]  # fmt: skip
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    ran(command, CHECKOUT, {**os.environ, **NO_NETWORK, "PATH": path})
    return folder


def ran(command: list[str], folder: Path | str, env: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_and_a_program_that_uses_it_are_typed(client_folder: Path) -> None:
    program = client_folder / f"{PROGRAM}.py"
    program.write_text((HERE / program.name).read_text())
    cache = Path(CHECKOUT) / "var" / "mypy-client"
    command = [
        str(PROGRAMS / "mypy"), "--strict", "--config-file", "", "--cache-dir", str(cache),
        "visiting_nurse", program.name,
    ]  # fmt: skip
    ran(command, client_folder, dict(os.environ))


def test_a_patient_books_a_visit_with_it(
    client_folder: Path,
    fresh_database: Clone,
    launch: Launcher,
    services_env: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.shift(world.nurse("nina"))
    set_clock(world.market, NOW)
    home = world.home(world.alice)
    user = User.objects.get(id=world.alice.user_id)
    user.set_password(PASSWORD)
    user.save()
    url = start_api(launch, services_env)
    monkeypatch.syspath_prepend(str(client_folder))
    monkeypatch.syspath_prepend(str(HERE))
    program = importlib.import_module(PROGRAM)

    with program.signed_in(url, user.username, PASSWORD) as client:
        visit = program.book(client, KETAMINE, str(TOMORROW))
        row = Visit.objects.get()
        assert (visit.id, visit.location, visit.version) == (row.id, home.id, row.version)
        assert program.why_not(client, uuid4()) == "not_found"
