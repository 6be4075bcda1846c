"""`manage.py plan` as its users run it: a process with a file, two streams, a clock, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError, call_command

from config.embedded.servers import CHECKOUT
from tests.planning import files

PATIENCE_S = 60
BUSY_S = 10
"""By how much a crowded machine may be late."""


def problem(visits=12, nurses=3):
    """Visits along a street, at ten minutes from one another, and one that asks for too much."""
    places = visits + 1
    jobs = [
        {"id": n, "location_index": n, "service": 1800, "time_windows": [[0, 30000]]}
        for n in range(1, places)
    ]
    jobs[-1]["skills"] = [9]
    return {
        "vehicles": [
            {"id": n, "start_index": 0, "end_index": 0, "time_window": [0, 28800]}
            for n in range(1, nurses + 1)
        ],
        "jobs": jobs,
        "matrices": {
            "car": {"durations": [[600 * abs(a - b) for b in range(places)] for a in range(places)]}
        },
    }


@pytest.fixture
def start(tmp_path):
    """Start the command on a problem, or on a path; whatever runs at the end is killed."""
    started = []

    def _start(asked, *options):
        path = asked
        if isinstance(asked, dict):
            path = tmp_path / "problem.json"
            path.write_text(json.dumps(asked))
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "plan", str(path), *options],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()


def finished(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out, err.decode()


def test_a_plan_stands_on_standard_output_and_progress_on_the_other(start):
    asked, began = problem(), time.monotonic()
    code, out, err = finished(start(asked, "--seconds", "3"))
    plan = json.loads(out)
    assert (code, plan["code"]) == (0, 0)
    assert not list(files.violations(asked, plan))
    assert "unserved" in err
    assert plan["summary"]["computing_times"].keys() == {"loading", "solving"}
    assert time.monotonic() - began < 3 + BUSY_S


def test_with_rounds_one_seed_gives_one_plan_to_the_byte(start):
    options = ("--iterations", "30", "--seed", "5")
    runs = [start(problem(), *options) for _ in range(2)]
    (code, first, _), (_, second, _) = map(finished, runs)
    assert code == 0
    assert first == second
    (left,) = json.loads(first)["unassigned"]
    assert left["reasons"] == {"skills": 3}
    assert (left["nearest"]["change"], left["nearest"]["skills"]) == ("skill", [9])


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_stopped_run_writes_its_best_plan(start, name):
    asked = problem(40, 9)
    process = start(asked, "--seconds", "300")
    assert b"unserved" in process.stderr.readline()
    process.send_signal(getattr(signal, name))
    code, out, _ = finished(process)
    assert code == 0
    assert not list(files.violations(asked, json.loads(out)))


def test_a_run_stopped_while_it_reads_serves_nobody(start, tmp_path):
    slow = tmp_path / "slow.json"
    os.mkfifo(slow)
    process = start(slow, "--seconds", "300")
    with slow.open("w") as file:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        file.write(json.dumps(problem()))
    code, out, _ = finished(process)
    plan = json.loads(out)
    assert (code, plan["routes"], plan["summary"]["unassigned"]) == (0, [], 12)


def test_a_refused_problem_is_one_line_and_status_2(start):
    code, out, err = finished(start(problem() | {"shipments": []}))
    assert (code, out) == (2, b"")
    assert err == "shipments: is part of the format, but not planned\n"


def test_a_file_that_is_not_there_is_one_line_and_status_2(start, tmp_path):
    code, out, err = finished(start(tmp_path / "none.json"))
    assert (code, out) == (2, b"")
    assert err == f"{tmp_path / 'none.json'}: No such file or directory\n"


def test_of_very_many_faults_the_first_are_told(start):
    asked = problem() | {"jobs": [{"id": n} for n in range(200)]}
    code, _, err = finished(start(asked))
    assert code == 2
    assert err.splitlines()[-1] == "… and 150 more"
    assert len(err.splitlines()) == 51


@pytest.mark.parametrize(
    "option", [("--seconds", "0"), ("--seconds", "nan"), ("--seconds", "x"), ("--seed", "-1")]
)
def test_an_option_out_of_range_is_refused(option):
    with pytest.raises(CommandError, match=option[0]):
        call_command("plan", "none.json", *option)
