"""Starts a server of ours, and stops one that an earlier, killed launcher left behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.owner import Owner

PATIENCE = 30.0


def start(
    command: list[str], log: Path, owner: Owner, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A session of its own keeps Ctrl-C in the terminal from stopping the server first."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=env,
            start_new_session=True,
            **owner.popen_options(),
        )


def run_to_end(command: list[str], log: Path, owner: Owner, env: Mapping[str, str]) -> None:
    if start(command, log, owner, env).wait() != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed: {tail(log)}")


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if process.poll() is not None:
            raise EmbeddedError(
                f"{process.args!r} ended at once ({process.returncode}): {tail(log)}"
            )
        if time.monotonic() > deadline:
            process.kill()
            raise EmbeddedError(f"{process.args!r} stays silent for {PATIENCE:.0f} s: {tail(log)}")
        time.sleep(0.03)


def stop(process: subprocess.Popen[bytes], gently: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(gently)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_stale(pid_file: Path, mark: str, gently: signal.Signals) -> bool:
    """Stops the process named in the file if its command line carries our mark; says whether.

    A process id may have been given to somebody else since, so the id alone proves nothing.
    """
    pid = _first_number(pid_file)
    if pid is None or mark not in command_line(pid):
        return False
    deadline = time.monotonic() + PATIENCE
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, gently)
        while mark in command_line(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.03)
    return True


def command_line(pid: int) -> str:
    """The command of a running process, empty when there is none; macOS has no /proc."""
    kernel_view = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            return kernel_view.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    ask = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(ask, check=False, capture_output=True, text=True).stdout  # noqa: S603


def tail(log: Path, lines: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _first_number(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
