"""With which secrets the service starts, and with what words it refuses to."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded.servers import CHECKOUT
from config.standalone import environment

GOOD = environment()
SHORT_KEY = base64.b64encode(bytes(range(16))).decode()
ZERO_KEY = base64.b64encode(bytes(32)).decode()


def _new() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def started(**changed: str | None) -> tuple[int, str]:
    """A real process that loads the settings: its exit status and its last line."""
    given = {**GOOD, **changed}
    variables = {name: value for name, value in given.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings; print('started')"],
        cwd=CHECKOUT, env={"PATH": os.defpath} | variables, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).strip().splitlines()[-1]
    for value in filter(None, changed.values()):
        assert len(value) < 9 or value not in done.stderr or "/" in value, "a secret is told"
    return done.returncode, said


REFUSED: dict[str, tuple[dict[str, str | None], str]] = {
    "missing": ({"SECRET_KEY": None}, "SECRET_KEY is not set"),
    "empty": ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    "blank": ({"BLIND_INDEX_KEY": "  "}, "BLIND_INDEX_KEY is not set"),
    "no field keys": ({"FIELD_KEYS": None}, "FIELD_KEYS is not set"),
    "no database": ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    "no broker": ({"REDIS_URL": None}, "REDIS_URL is not set"),
    "from a manual": ({"SECRET_KEY": "change-me"}, "everybody knows"),
    "Django's": ({"SECRET_KEY": "django-insecure-" + "x" * 40}, "everybody knows"),
    "too short": ({"SECRET_KEY": "4Kd93kd0sl"}, "fewer than 32"),
    "no base64": ({"BLIND_INDEX_KEY": "?" * 44}, "not in base64"),
    "16 bytes": ({"BLIND_INDEX_KEY": SHORT_KEY + " " * 20 + "\t"}, "fewer than 32"),
    "a field key of 16 bytes": ({"FIELD_KEYS": f"number-1:{SHORT_KEY}"}, "16 bytes instead of 32"),
    "zeros": ({"FIELD_KEYS": f"1:{ZERO_KEY}"}, "not made at random"),
    "a key without id": ({"FIELD_KEYS": f":{GOOD['BLIND_INDEX_KEY']}"}, "an id of its own"),
    "an id twice": ({"FIELD_KEYS": ",".join([GOOD["FIELD_KEYS"]] * 2)}, "an id of its own"),
    "one key for both": ({"FIELD_KEYS": f"1:{GOOD['BLIND_INDEX_KEY']}"}, "make another one"),
    "a blind index without what it is made over": (
        {"BLIND_INDEX_KEY": f"2:{GOOD['BLIND_INDEX_KEY']}"}, "number 1 is missing"),
    "a key that is not numbered": (
        {"AUDIT_KEY": f"new:{GOOD['AUDIT_KEY']}"}, "numbered as they are added"),
    "a known password": ({"DATABASE_URL": "postgresql://a:postgres@h/d"}, "DATABASE_URL is one"),
    "a known password of the broker": ({"REDIS_URL": "redis://:change-me@h/0"}, "REDIS_URL is one"),
    "DEBUG in public": (
        {"DEBUG": "true", "PUBLIC_URL": "https://d.example"}, "DEBUG shows its settings"),
    "DEBUG on all addresses": ({"DEBUG": "true", "BIND": "0.0.0.0"}, "DEBUG shows its settings"),  # noqa: S104
    "DEBUG for all hosts": ({"DEBUG": "true", "ALLOWED_HOSTS": "*"}, "DEBUG shows its settings"),
    "no TLS in public": ({"PUBLIC_URL": "http://d.example"}, "begins with https://"),
    "both ways": ({"SECRET_KEY_FILE": "/nowhere"}, "Both SECRET_KEY and SECRET_KEY_FILE"),
    "no such file": (
        {"SECRET_KEY": None, "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE names cannot"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_does_not_start(what: str) -> None:
    changed, words = REFUSED[what]
    status, said = started(**changed)
    assert status != 0
    assert words in said


def test_it_starts_with_all_of_them_in_the_environment_or_in_files(tmp_path: Path) -> None:
    assert started() == (0, "started")
    assert started(DEBUG="true") == (0, "started")
    more = {name: f"2:{_new()},1:{GOOD[name]}" for name in ("AUDIT_KEY", "BLIND_INDEX_KEY")}
    assert started(**more) == (0, "started")
    files: dict[str, str | None] = {}
    for name, value in GOOD.items():
        path = tmp_path / name
        path.touch(mode=0o600)
        path.write_text(value + "\n")
        files |= {name: None, f"{name}_FILE": str(path)}
    assert started(**files) == (0, "started")


def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(GOOD["SECRET_KEY"])
    for mode, starts in ((0o644, False), (0o604, False), (0o640, True), (0o400, True)):
        path.chmod(mode)
        status, said = started(SECRET_KEY=None, SECRET_KEY_FILE=str(path))
        assert (status == 0) is starts
        assert starts or "open to everybody" in said


def test_the_deployment_checks_of_django_have_nothing_to_say() -> None:
    public = {"PUBLIC_URL": "https://d.example", "ALLOWED_HOSTS": "d.example"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(  # noqa: S603
        command, cwd=CHECKOUT, env=os.environ | GOOD | public, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
