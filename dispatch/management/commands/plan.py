"""Plan a problem in VROOM's JSON: file in, plan on standard output, progress on standard error."""

import json
import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, OutputWrapper

from config.started import STARTED
from dispatch.models import Market
from dispatch.planning.day.problem import Limits, Problem, Progress, Solution
from dispatch.planning.day.solve import solve
from dispatch.planning.exchange.document import Document, problem_of
from dispatch.planning.exchange.parts import Refused
from dispatch.planning.exchange.reading import read
from dispatch.planning.exchange.reasons import Answer, Judge, missing_skills
from dispatch.planning.exchange.writing import plan_of
from dispatch.selectors.routes import travel_of

USUAL_S = 30.0
WRITING_S = 0.4
"""Kept back for writing the plan and ending the process, on an idle machine."""
FIRST_REASON_S = 0.3
EXPLAINING_SHARE = 0.1
EXPLAINING_MOST_S = 2.0
"""Kept back for reasons, while the best plan so far leaves visits out."""
SLOWEST = 4.0
"""No more is kept back on a busy machine than so many times as much."""
AFTER_STOP_S = 0.5
"""How long a stopped run may still look for reasons."""
LINE_EVERY_S = 2.0
FAULTS_SHOWN = 50


class Command(BaseCommand):
    help = "Plan a problem in VROOM's JSON. Ctrl-C or SIGTERM writes the best plan so far."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("problem", metavar="PROBLEM.json", type=Path)
        parser.add_argument(
            "--seconds", type=_seconds, help="wall time, reading and writing included"
        )
        parser.add_argument(
            "--iterations", type=_rounds, help="rounds of improvement; a seed then gives one plan"
        )
        parser.add_argument("--seed", type=_rounds, default=0)

    def handle(
        self, *, problem: Path, seconds: float | None, iterations: int | None, seed: int, **_: Any
    ) -> None:
        if seconds is None and iterations is None:
            seconds = USUAL_S
        run = Run(seconds, self.stderr)
        signal.signal(signal.SIGTERM, run.stop)
        signal.signal(signal.SIGINT, run.stop)
        document = self._read(problem)
        loaded = time.monotonic()
        run.pace()
        asked = problem_of(document)
        solution = _solve(asked, Limits(run.left(), iterations, seed), run)
        solved = time.monotonic()
        plan = plan_of(document, asked, solution, _explain(document, asked, solution, run))
        if iterations is None:
            times = {"loading": loaded - STARTED, "solving": solved - loaded}
            plan["summary"]["computing_times"] = {k: round(1000 * s) for k, s in times.items()}
        self._write(plan)

    def _read(self, path: Path) -> Document:
        try:
            return read(path.read_bytes(), travel_of(Market()))
        except OSError as fault:
            faults: tuple[str, ...] = (f"{path}: {fault.strerror}",)
        except Refused as refused:
            faults = refused.faults
        if len(faults) > FAULTS_SHOWN:
            faults = (*faults[:FAULTS_SHOWN], f"… and {len(faults) - FAULTS_SHOWN} more")
        self.stderr.write("\n".join(faults))
        sys.exit(2)

    def _write(self, plan: dict[str, Any]) -> None:
        try:
            self.stdout.write(json.dumps(plan, separators=(",", ":")))
            self.stdout.flush()
        except OSError as fault:
            self.stderr.write(f"the plan could not be written: {fault.strerror}")
            sys.stdout = None  # else Python tries once more as it ends
            sys.exit(1)


@dataclass
class Run:
    """The clock of one run, and what stops it: its seconds or a signal."""

    seconds: float | None
    stderr: OutputWrapper
    stopped: float | None = None
    told: float = 0.0
    slow: float = 1.0

    def stop(self, *_: object) -> None:
        self.stopped = self.stopped or time.monotonic()

    def pace(self) -> None:
        """See from the run so far how long the machine takes to do what a second would do."""
        slow = (time.monotonic() - STARTED) / time.process_time()
        self.slow = min(max(1.0, slow), SLOWEST)

    def left(self, explaining: float = 0.0) -> float | None:
        """Seconds until only writing, and this much of explaining, is left; None without end."""
        if self.seconds is None:
            return None
        end = STARTED + self.seconds - self.slow * (WRITING_S + explaining)
        return max(0.0, end - time.monotonic())

    def watch(self, progress: Progress) -> bool:
        """Tell how the solver stands, now and then, and whether it is to stop."""
        now = time.monotonic()
        terminal = self.stderr.isatty()
        if terminal or now - self.told >= LINE_EVERY_S:
            self.told = now
            line = _line(progress, now - STARTED)
            self.stderr.write(
                f"\r{line}\x1b[K" if terminal else line, ending="" if terminal else "\n"
            )
        share = min(EXPLAINING_MOST_S, EXPLAINING_SHARE * (self.seconds or 0.0))
        explaining = FIRST_REASON_S + share
        left = self.left(explaining if progress.unserved else 0.0)
        return self.stopped is not None or left == 0

    def may_explain(self, takes: float = 0.0) -> bool:
        """Whether there is time for more reasons, of which the next takes so long."""
        late = self.stopped is not None and time.monotonic() > self.stopped + AFTER_STOP_S
        return not late and self.left(takes) != 0


def _solve(problem: Problem, limits: Limits, run: Run) -> Solution:
    """The solver's best plan; one that serves nobody where the run was stopped before."""
    if run.stopped is None:
        return solve(problem, limits, watch=run.watch)
    nobody = tuple(() for _ in problem.shifts)
    everybody = tuple(range(len(problem.visits)))
    return Solution(nobody, everybody, 0, 0, None, iterations=0, seconds=0.0)


def _explain(
    document: Document, problem: Problem, solution: Solution, run: Run
) -> dict[int, Answer]:
    """Answers for the visits left out, as many as there is time for."""
    found: dict[int, Answer] = {}
    if not solution.unserved or not run.may_explain(FIRST_REASON_S):
        return found
    missing = missing_skills(
        [job.skills for job in document.jobs], [each.skills for each in document.vehicles]
    )
    judge = Judge(problem, solution.routes, missing)
    for visit in solution.unserved:
        if not run.may_explain():
            break
        found[visit] = judge.answer(visit)
    return found


def _line(progress: Progress, seconds: float) -> str:
    bound = "no bound yet"
    if progress.lower_bound:
        gap = progress.cost / progress.lower_bound - 1
        bound = f"at least {progress.lower_bound} s, gap {gap:.2%}"
    return (
        f"{seconds:5.1f} s  {progress.phase}: {progress.unserved} unserved, "
        f"{progress.cost} s of driving, {bound}"
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ArgumentTypeError("must be above 0")
    return seconds


def _rounds(text: str) -> int:
    rounds = int(text)
    if rounds < 0:
        raise ArgumentTypeError("must not be negative")
    return rounds
