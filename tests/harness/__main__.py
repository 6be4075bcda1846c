"""`make faults SECONDS=300 KILLS=300`: the service under fire, then what must hold; exit 1 if not.

Each thing drawn (who books when, who is killed when, what the provider does wrong) follows from
the seed; what comes of it also from the machine.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

import django
from rich.console import Console

from dispatch import tenancy
from tests.harness.stage import set_up
from tests.standin.plan import Plan

PROVIDER = {
    "busy": 0.005, "unavailable": 0.01, "dropped": 0.01, "hung": 0.005, "lost": 0.005, "slow": 0.02,
    "doubled": 0.1, "disordered": 0.1, "forged": 0.02,
}  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.harness", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--any-lateness", action="store_true", help="judge all but lateness")
    parser.add_argument("--dump", type=Path, help="of a migrated database, to begin with")
    asked = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    console.print(f"seed {asked.seed}: {asked.seconds} s, {asked.kills} kills")
    with set_up(Plan(seed=asked.seed, **PROVIDER), asked.dump) as stage:
        os.environ.update(stage.env | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        django.setup()
        from tests.harness.run import run

        with tenancy.everywhere():
            return 0 if run(stage, asked, console) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
