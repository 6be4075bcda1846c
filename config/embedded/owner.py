"""As whom the servers run: as oneself, or as `nobody` for root, whom PostgreSQL refuses."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Owner:
    """The user of a server process; `uid` is None for the current user."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_read(self, *paths: Path) -> bool:
        """Whether this user reaches the paths through all their parents."""
        return all(self._test("-r", path) for path in paths)

    def private_directory(self, path: Path) -> Path:
        """Makes the directory, its owner's alone."""
        path.mkdir(parents=True, exist_ok=True)
        self.take(path)
        path.chmod(0o700)
        return path

    def take(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def _test(self, flag: str, path: Path) -> bool:
        command = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", flag, str(path)]
        done = subprocess.run(command, cwd="/", check=False, **self.popen_options())  # noqa: S603
        return done.returncode == 0


def server_owner() -> Owner:
    if os.geteuid() != 0:
        return Owner()
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)
