"""Schemathesis over the API as one of its people, and what it found."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from config.embedded.servers import CHECKOUT, VAR
from tests.fuzz.stage import Stage

PROGRAM = CHECKOUT / ".venv" / "bin" / "schemathesis"
SETTINGS = Path(__file__).with_name("schemathesis.toml")
SERVER_ERROR, UNDOCUMENTED = "ST101", "ST103"


@dataclass(frozen=True)
class Asking:
    """How much is asked: examples an operation in each phase, which phases, which operations."""

    examples: int
    seed: int
    phases: str = "examples,coverage,fuzzing,stateful"
    only: str | None = None


@dataclass(frozen=True)
class Found:
    """``failures`` by Schemathesis' codes: how many operations each; ``told`` is all it printed."""

    role: str
    cases: int
    failures: dict[str, int]
    told: str

    @property
    def server_errors(self) -> int:
        return self.failures.get(SERVER_ERROR, 0)

    @property
    def undocumented(self) -> int:
        """Status codes, media types, headers and bodies that the document does not know."""
        return sum(count for code, count in self.failures.items() if code.startswith("ST10")) - (
            self.server_errors
        )


def ask_as(role: str, stage: Stage, asking: Asking) -> Found:
    """Ask what the document allows and forbids; tokens are got as any app would get them."""
    with TemporaryDirectory(prefix="fuzz-report-", dir=VAR) as folder:
        report = Path(folder) / "report.json"
        command = [
            str(PROGRAM), "--config-file", str(SETTINGS), "run", f"{stage.url}/api/v1/schema",
            "--max-examples", str(asking.examples), "--phases", asking.phases,
            "--seed", str(asking.seed), "--workers", "2",
            "--continue-on-failure", "--no-shrink", "--output-sanitize", "true",
            "--suppress-health-check", "all",
            "--report", "json", "--report-json-path", str(report),
        ]  # fmt: skip
        if asking.only:
            command += ["--include-path-regex", asking.only]
        env = os.environ | {
            "SCHEMATHESIS_HOOKS": "tests.fuzz.signing_in", "PYTHONPATH": str(CHECKOUT),
            "ASKED_URL": stage.url, "ASKED_NAME": stage.names[role],
            "ASKED_PASSWORD": stage.password,
        }  # fmt: skip
        done = subprocess.run(  # noqa: S603
            command, cwd=CHECKOUT, env=env, check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert report.exists(), done.stdout
        return _read(role, json.loads(report.read_text()), done.stdout)


def _read(role: str, report: dict[str, Any], told: str) -> Found:
    failures: dict[str, int] = {}
    for one in report["failures"]:
        failures[one["code"]] = failures.get(one["code"], 0) + one["count"]
    assert not report["errors"], told
    return Found(role, report["test_cases"]["generated"], failures, told)
