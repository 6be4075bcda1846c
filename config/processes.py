"""Runs the Procfile's processes through honcho, each with a log of its own under `var/log/`.

Started by `config.run` with a pipe as its input: when the pipe closes, for whatever reason, down to
`kill -9` of the launcher, everything is stopped.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO

from honcho.environ import parse_procfile
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message

from config.embedded.servers import CHECKOUT, VAR


class LogFiles:
    """Takes honcho's messages: a process's lines go to its log, news about processes to stderr."""

    width = 0

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, IO[str]] = {}
        self.stopping = False
        self.starting = threading.Semaphore(0)

    def write(self, message: Message) -> None:
        text = (
            message.data if isinstance(message.data, str) else message.data.decode(errors="replace")
        )
        if message.name != SYSTEM_PRINTER_NAME:
            self._log(message.name).write(text)
        elif "started" in text:
            self.starting.release()
        elif "stopped" in text and not self.stopping:
            self.stopping = True  # honcho now ends the others; only the first one is news
            sys.stderr.write(f"{text.strip()}; see {self.folder.name}/\n")

    def _log(self, name: str) -> IO[str]:
        if name not in self.files:
            self.files[name] = (self.folder / f"{name}.log").open("a", buffering=1)
        return self.files[name]


def main() -> int:
    folder = VAR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    logs = LogFiles(folder)
    manager = Manager(logs)
    commands = parse_procfile((CHECKOUT / "Procfile").read_text()).processes
    for name, command in commands.items():
        manager.add_process(name, command, cwd=str(CHECKOUT))
    threading.Thread(target=_stop_when_abandoned, args=[logs, len(commands)], daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def _stop_when_abandoned(logs: LogFiles, processes: int) -> None:
    """Reads the bare descriptor, as the children of a fork would find `sys.stdin` locked.

    honcho can stop only what has started, hence the waiting.
    """
    while os.read(0, 1024):
        pass
    for _ in range(processes):
        logs.starting.acquire()
    logs.stopping = True
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
