"""`make fuzz CASES=10000`: asks the running API whatever its document allows and forbids, as three
of its people; exit 1 where an answer is a fault of ours or is not documented."""

from __future__ import annotations

import argparse
import json
import secrets
import sys

from rich.console import Console

from tests.fuzz.run import Asking, Found, ask_as
from tests.fuzz.stage import set_up

ROLES = ("patient", "dispatcher", "nurse")
EXAMPLES = 5
"""An operation and phase, to begin with; doubled until there are enough cases."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--roles", default=",".join(ROLES))
    parser.add_argument("--only", help="a regular expression of paths")
    parser.add_argument("--phases", default=Asking.phases)
    asked = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    found: list[Found] = []
    with set_up() as stage:
        examples = EXAMPLES
        while sum(one.cases for one in found) < asked.cases:
            for role in asked.roles.split(","):
                asking = Asking(examples, asked.seed + len(found), asked.phases, asked.only)
                found.append(_shown(ask_as(role, stage, asking), console))
                if found[-1].server_errors:
                    console.print(stage.api.log.read_text(errors="replace"), markup=False)
            examples *= 2
    summary = {
        "cases": sum(one.cases for one in found),
        "server_errors": sum(one.server_errors for one in found),
        "undocumented": sum(one.undocumented for one in found),
        "failures": sum(sum(one.failures.values()) for one in found),
        "seed": asked.seed,
    }
    print(json.dumps(summary), flush=True)  # noqa: T201 - the result, on stdout
    return 1 if summary["failures"] else 0


def _shown(one: Found, console: Console) -> Found:
    if one.failures:
        console.print(one.told, markup=False)
    console.print(f"{one.role}: {one.cases} cases, failures {one.failures or 'none'}")
    return one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
