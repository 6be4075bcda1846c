"""Both servers together: the lasting ones of `make run`, and a throwaway pair for each test run."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.embedded.errors import EmbeddedError
from config.embedded.home import Home, find_home
from config.embedded.keys import SERVICE_KEYS, load_or_create
from config.embedded.postgres import Postgres
from config.embedded.roles import APPLICATION, OWNER
from config.embedded.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parents[2]
VAR = CHECKOUT / "var"
LASTING = "run"


@dataclass(frozen=True)
class Servers:
    """The two servers and the secrets that go with their data."""

    postgres: Postgres
    valkey: Valkey
    secrets: dict[str, str]

    def environment(self) -> dict[str, str]:
        """What the settings read; the caller adds the rest."""
        return {name: self.secrets[name] for name in SERVICE_KEYS} | {
            "DATABASE_URL": self.postgres.url(APPLICATION),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER),
            "REDIS_URL": self.valkey.url(),
        }


@contextmanager
def lasting(var: Path = VAR) -> Iterator[Servers]:
    """The servers whose data stays from one start to the next."""
    var.mkdir(exist_ok=True)
    home = find_home(var)
    with ExitStack() as stack:
        lock = stack.enter_context((var / "run.lock").open("a"))
        if not _locked(lock):
            raise EmbeddedError("The service already runs from this checkout; stop that one first.")
        servers = _servers(var, home, LASTING, throwaway=False)
        yield _started(servers, stack)


@contextmanager
def throwaway(var: Path = VAR) -> Iterator[Servers]:
    """Servers for one test run: fast, not durable, and gone afterwards."""
    (var / "locks").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with (var / "locks" / "guard").open("a") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            home = find_home(var)
            _clear_leftovers(var, home)
            lock = stack.enter_context(_new_lock(var / "locks"))
        name = Path(lock.name).stem
        stack.callback(_remove, var, home, name)
        yield _started(_servers(var, home, name, throwaway=True), stack)


def _servers(var: Path, home: Home, name: str, *, throwaway: bool) -> Servers:
    secrets = load_or_create(var / "secrets.env")
    passwords = {
        "postgres": secrets["POSTGRES_PASSWORD"],
        OWNER: secrets["OWNER_PASSWORD"],
        APPLICATION: secrets["APPLICATION_PASSWORD"],
    }
    log, folder = var / "log", home.data / name / "postgres"
    postgres = Postgres(home, folder, log / f"postgres-{name}.log", passwords, throwaway)
    valkey_folder = var / "embedded" / name / "valkey"
    valkey = Valkey(valkey_folder, log / f"valkey-{name}.log", secrets["VALKEY_PASSWORD"])
    return Servers(postgres, valkey, secrets)


def _started(servers: Servers, stack: ExitStack) -> Servers:
    (servers.postgres.home.data / servers.postgres.folder.parent.name).mkdir(exist_ok=True)
    stack.callback(servers.postgres.stop)
    servers.postgres.start()
    stack.callback(servers.valkey.stop)
    servers.valkey.start()
    return servers


def _clear_leftovers(var: Path, home: Home) -> None:
    """A lock that can be taken belongs to a test run that was killed."""
    for path in (var / "locks").glob("test-*.lock"):
        with path.open("a") as lock:
            if not _locked(lock):
                continue
            servers = _servers(var, home, path.stem, throwaway=True)
            servers.postgres.stop_leftover()
            servers.valkey.stop_leftover()
            _remove(var, home, path.stem)
            path.unlink(missing_ok=True)


def _remove(var: Path, home: Home, name: str) -> None:
    """The logs of a test run go with it, unless the next person is to read them."""
    for folder in {home.data / name, var / "embedded" / name}:
        shutil.rmtree(folder, ignore_errors=True)
    if "KEEP_LOGS" not in os.environ:
        for log in (var / "log").glob(f"*-{name}.log"):
            log.unlink(missing_ok=True)


@contextmanager
def _new_lock(folder: Path) -> Iterator[IO[bytes]]:
    with tempfile.NamedTemporaryFile(prefix="test-", suffix=".lock", dir=folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _locked(file: IO[str] | IO[bytes]) -> bool:
    """Takes the file's lock for as long as it is open; the kernel frees it even after `kill -9`."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
