"""One PostgreSQL server of our own on 127.0.0.1, with an owner role and an application role."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.embedded import processes
from config.embedded.binaries import major_version
from config.embedded.errors import EmbeddedError
from config.embedded.home import Home
from config.embedded.ports import HOST, free_port
from config.embedded.roles import (
    Connection,
    close_public_schema,
    ensure_database,
    ensure_roles,
)

DATABASE = "dispatch"

_COMMON = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "log_min_error_statement": "panic",  # a statement may carry what must not stand in a log
}
_DURABLE = {"log_error_verbosity": "terse"}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Postgres:
    """A data directory and its server; `throwaway` trades durability for the tests' speed."""

    home: Home
    folder: Path
    log: Path
    passwords: dict[str, str]
    throwaway: bool
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        self.stop_leftover()
        if not self.data.exists():
            self._make_cluster()
        self._check_version()
        self.port = self.port or free_port()
        command = [str(self.home.programs / "postgres"), "-D", str(self.data), *self._options()]
        self.process = processes.start(command, self.log, self.home.owner, self._environment())
        try:
            processes.wait_until(self._answers, self.process, self.log)
            self._ensure_roles()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        if self.process is not None:
            processes.stop(self.process, signal.SIGINT)
            self.process = None

    def stop_leftover(self) -> bool:
        """Stops a server over this data directory whose launcher was killed."""
        return processes.stop_stale(self.data / "postmaster.pid", f"-D {self.data}", signal.SIGINT)

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@{HOST}:{self.port}/{database}"

    def _make_cluster(self) -> None:
        """Under another name first, so that a launcher killed half-way leaves no half cluster."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.home.owner.private_directory(self.folder)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords["postgres"])
        self.home.owner.take(password_file)
        command = [
            str(self.home.programs / "initdb"), "-D", str(draft), "-U", "postgres",
            "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", f"--pwfile={password_file}",
            *(["--no-sync"] if self.throwaway else []),
        ]  # fmt: skip
        try:
            processes.run_to_end(command, self.log, self.home.owner, self._environment())
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _check_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != (here := major_version(self.home.programs)):
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {made_by}, installed is {here}. Dump it with "
                f"PostgreSQL {made_by}, or remove the directory to begin anew."
            )

    def _options(self) -> list[str]:
        chosen = _COMMON | (_THROWAWAY if self.throwaway else _DURABLE) | {"port": str(self.port)}
        return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]

    def _environment(self) -> dict[str, str]:
        """The C locale keeps macOS from starting threads inside the postmaster."""
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(
                    f"{self.data} has other passwords than var/secrets.env. Restore that file, or "
                    "remove the directory to begin anew."
                ) from error
            return False
        return True

    def _ensure_roles(self) -> None:
        for database in ("template1", "postgres"):
            with self._connection(database) as connection:
                close_public_schema(connection)
        with self._connection("postgres") as connection:
            ensure_roles(connection, self.passwords)
            ensure_database(connection, DATABASE)

    def _connection(self, database: str) -> Connection:
        return psycopg.connect(self.url("postgres", database), autocommit=True)
