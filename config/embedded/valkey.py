"""One Valkey server of our own on 127.0.0.1, behind a password from its settings file."""

import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import redis

from config.embedded import processes
from config.embedded.binaries import valkey_program
from config.embedded.owner import Owner
from config.embedded.ports import HOST, free_port

SETTINGS = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
pidfile "{folder}/valkey.pid"
set-proc-title no
databases 64
save ""
appendonly no
maxmemory-policy noeviction
"""


@dataclass
class Valkey:
    """It carries pokes and no truth, so it writes nothing to disk."""

    folder: Path
    log: Path
    password: str
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def settings_file(self) -> Path:
        return self.folder / "valkey.conf"

    def start(self) -> None:
        """Keeps its port when started again, as clients that reconnect expect."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stop_leftover()
        self.port = self.port or free_port()
        self._write_settings()
        command = [str(valkey_program()), str(self.settings_file)]
        self.process = processes.start(command, self.log, Owner())
        processes.wait_until(self._answers, self.process, self.log)

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, signal.SIGTERM)
            self.process = None

    def stop_leftover(self) -> bool:
        mark = str(self.settings_file)
        return processes.stop_stale(self.folder / "valkey.pid", mark, signal.SIGTERM)

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def _write_settings(self) -> None:
        self.settings_file.touch(mode=0o600)
        self.settings_file.write_text(
            SETTINGS.format(host=HOST, port=self.port, password=self.password, folder=self.folder)
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
