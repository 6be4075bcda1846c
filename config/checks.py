"""The checks of `make check` that no tool brings: file length, lock in sync, schema up to date."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

from config.embedded.servers import CHECKOUT
from config.service import ServiceError, manage
from config.standalone import environment

LONGEST_FILE, COUNTED = 300, ("*.py", "*.js", "*.css")
SCHEMA = CHECKOUT / "docs" / "openapi.yaml"


def files_too_long() -> Iterator[str]:
    listed = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.py",
        "*.js",
        "*.css",
    ]
    answer = subprocess.run(listed, cwd=CHECKOUT, check=True, capture_output=True, text=True)  # noqa: S603
    for name in answer.stdout.splitlines():
        path = CHECKOUT / name
        if "/migrations/" in name or not path.exists():
            continue
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE:
            yield f"{name} has {lines} lines; the limit is {LONGEST_FILE}"


def missing_locks() -> Iterator[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    needed = project["project"]["dependencies"]
    yield from _not_locked(needed, CHECKOUT / "requirements" / "run.txt")
    groups = project["dependency-groups"]
    yield from _not_locked(needed + groups["dev"], CHECKOUT / "requirements" / "dev.txt")
    yield from _not_locked(groups["roads"], CHECKOUT / "requirements" / "roads.txt")


def outdated_schema() -> Iterator[str]:
    """Generated anew and compared with the committed one."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / SCHEMA.name
        options = ("--validate", "--fail-on-warn", "--file", str(fresh))
        try:
            manage("spectacular", *options, environment=os.environ | environment())
        except ServiceError as error:
            yield str(error)
            return
        if not SCHEMA.exists() or fresh.read_text() != SCHEMA.read_text():
            yield f"{SCHEMA.relative_to(CHECKOUT)} is not what the code says; run make schema"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (files_too_long, missing_locks, outdated_schema)


def main() -> int:
    complaints = [complaint for check in CHECKS for complaint in check()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)  # noqa: T201
    return 1 if complaints else 0


def _not_locked(requirements: list[str], lock: Path) -> Iterator[str]:
    """Offline: each declared package stands in the lock, at a version its declaration allows."""
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE))
    for requirement in map(Requirement, requirements):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name not in locked or not requirement.specifier.contains(locked[name]):
            yield f"{lock.name} does not lock {requirement}; run make lock"


if __name__ == "__main__":
    sys.exit(main())
