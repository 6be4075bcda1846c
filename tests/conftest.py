"""Real servers for the tests: started once a run, with a database of its own for who needs one.

Ordinary tests (`db`) share a database and roll back. Tests of concurrency and whole journeys take
`fresh_database`. All connect under the application's role, as the service does.
"""

import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as examples

from config.embedded.servers import CHECKOUT, throwaway
from config.embedded.valkey import Valkey
from config.service import with_programs_first
from config.standalone import environment as standalone
from dispatch.domain.limits import lifted
from tests.canaries import Canaries
from tests.databases import NO_HURRY, SEES_ALL, Clone, TestDatabases
from tests.launching import Launcher

_servers = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the servers; its xdist workers inherit the environment."""
    if not hasattr(config, "workerinput"):
        _start_servers()
        if config.getoption("numprocesses", None):
            _begin_template()
    examples.register_profile(
        "busy", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
    )
    examples.load_profile("busy")
    django.setup()
    _see_all()
    _wait_for_the_cache()
    config.pluginmanager.register(Canaries(), "canaries")


def _start_servers() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["TEST_RUN"] = uuid.uuid4().hex[:8]
    os.environ["LIMITS"] = (
        lifted()
    )  # all tests come from one address; a test of limits sets its own
    os.environ["SECOND_FACTOR_REQUIRED"] = "false"
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        _servers.callback(lambda: TestDatabases(os.environ["TEST_RUN"]).drop_all())
        os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
        os.environ.update({**standalone(), **os.environ})
        return
    servers = _servers.enter_context(throwaway())
    os.environ.update(servers.environment())
    os.environ["POSTGRES_LOG"] = str(servers.postgres.log)


def _begin_template() -> None:
    """While the xdist workers import and collect, which takes them as long."""
    making = subprocess.Popen([sys.executable, "-m", "tests.databases"], cwd=CHECKOUT)
    _servers.callback(making.wait)


def _see_all() -> None:
    """Have every connection of every thread of this process begin with the rows of all markets in
    sight; what is said by ``tenancy`` counts all the same, as does what the service begins with.
    How long the service lets a statement or a lock take is not judged on a busy machine."""
    from django.conf import settings
    from django.db import connections

    options = connections["default"].settings_dict["OPTIONS"]
    options["options"] += f" {SEES_ALL} {NO_HURRY}"
    options["connect_timeout"] = 60
    settings.MIDDLEWARE.insert(0, "tests.outsiders.beginning_as_nobody")


def _wait_for_the_cache() -> None:
    """The service does without a cache that does not answer at once; what a test counts there
    would be counted anew elsewhere."""
    from django.conf import settings

    settings.CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 20, "socket_timeout": 20}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what waits for real processes, so that it does so while other xdist workers compute,
    and nobody waits for it alone in the end; then what has a database of its own, then the rest."""
    items.sort(key=_comes)


def _comes(item: pytest.Item) -> int:
    if item.get_closest_marker("journey"):
        return 0
    return 1 if "fresh_database" in getattr(item, "fixturenames", ()) else 2


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _servers.close()


@pytest.fixture(scope="session")
def test_databases() -> TestDatabases:
    """With the template made; whoever asks first makes it."""
    databases = TestDatabases(os.environ["TEST_RUN"])
    databases.make_template()
    return databases


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, test_databases: TestDatabases, worker_number: int
) -> None:
    """The database of the tests that roll back, one for each xdist worker."""
    _use(test_databases.clone(f"shared_{worker_number}").name)


@pytest.fixture
def fresh_database(
    test_databases: TestDatabases, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Clone]:
    """A database nobody else sees, where tests may commit; Django's connections lead to it."""
    with _own_database(test_databases, django_db_blocker) as clone:
        yield clone


@pytest.fixture(scope="module")
def database_of_file(
    test_databases: TestDatabases, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Clone]:
    """The like, once for all tests of a file: each of them has a market of its own there."""
    with _own_database(test_databases, django_db_blocker) as clone:
        yield clone


@contextmanager
def _own_database(databases: TestDatabases, blocker: pytest.FixtureRequest) -> Iterator[Clone]:
    clone = databases.clone(f"fresh_{secrets.token_hex(4)}")
    before = _use(clone.name)
    try:
        with blocker.unblock():
            yield clone
    finally:
        _use(before)
        databases.drop(clone.name)


@pytest.fixture(scope="session")
def worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture
def broker_url(worker_number: int) -> str:
    """An empty broker: each xdist worker has a numbered database of its own."""
    return _empty_broker(worker_number)


@pytest.fixture
def services_env(fresh_database: Clone, broker_url: str) -> dict[str, str]:
    """The environment for real gunicorn and Celery processes over the fresh database."""
    return _services_over(fresh_database, broker_url)


@pytest.fixture(scope="module")
def services_of_file(database_of_file: Clone, worker_number: int) -> dict[str, str]:
    """The like over the database of the file."""
    return _services_over(database_of_file, _empty_broker(worker_number))


def _services_over(database: Clone, broker: str) -> dict[str, str]:
    return with_programs_first(os.environ) | {
        "DATABASE_URL": database.url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": broker,
    }


def _empty_broker(worker_number: int) -> str:
    import redis

    url = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{worker_number + 1}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def launch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Launcher]:
    """Starts processes whose logs stand in `tmp_path`; they end with the test, and before their
    database does."""
    if "fresh_database" in request.fixturenames:
        request.getfixturevalue("fresh_database")
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.stop_all()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of the test's own, to stop and start again at the same port."""
    valkey = Valkey(tmp_path / "valkey", tmp_path / "valkey.log", secrets.token_hex(16))
    valkey.start()
    yield valkey
    valkey.stop()


@pytest.fixture
def postgres_log() -> Path:
    """What the server of this run wrote; with a server of one's own there is none to read."""
    if "POSTGRES_LOG" not in os.environ:
        pytest.skip("reads the log of the embedded server")
    return Path(os.environ["POSTGRES_LOG"])


def _use(name: str) -> str:
    """Leads every connection of every thread to this database; returns where they led before."""
    from django.db import connections

    connection = connections["default"]
    connection.close()
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["NAME"] = name
    return before
