"""`make audit`: asks whether what we install is known to be vulnerable, and whether all was asked.

pip-audit ends well when no source knew a single package. Here each package of the lock has to have
been looked up: 0 means that all were and none is vulnerable, 1 that some are, 2 that not all were.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from config.embedded.servers import CHECKOUT

LOCK = CHECKOUT / "requirements" / "run.txt"
SHOWN = 5
VULNERABLE, NOT_AUDITED = 1, 2


def locked() -> set[tuple[str, str]]:
    """Name and version of every package that the lock has for this Python and system."""
    lines = re.findall(
        r"^([a-z0-9-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", LOCK.read_text(), re.MULTILINE
    )
    return {
        (name, version)
        for name, version, marker in lines
        if not marker or Marker(marker.strip()).evaluate()
    }


def judge(wanted: set[tuple[str, str]], report: dict[str, Any]) -> tuple[int, list[str]]:
    """The exit status and what is said, by pip-audit's report as JSON."""
    looked_up = [one for one in report.get("dependencies", []) if "vulns" in one]
    found = [
        f"{one['name']} {one['version']}: {vulnerability['id']}"
        for one in looked_up
        for vulnerability in one["vulns"]
    ]
    missing = sorted(wanted - {(one["name"], one["version"]) for one in looked_up})
    if missing:
        names = ", ".join(name for name, _ in missing[:SHOWN])
        found.append(
            f"{len(missing)} of {len(wanted)} packages were not audited ({names} …): no source knew"
            " them, or none was reached. Name another one, as --vulnerability-service osv."
        )
        return NOT_AUDITED, found
    return (VULNERABLE if found else 0), [*found, f"{len(wanted)} packages were audited."]


def main(arguments: list[str]) -> int:
    """Further arguments are pip-audit's."""
    program = Path(sys.executable).with_name("pip-audit")
    command = [
        str(program), "--requirement", str(LOCK), "--require-hashes", "--disable-pip",
        "--format", "json", "--progress-spinner", "off", *arguments,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {}
    status, sentences = judge(locked(), report)
    for sentence in sentences:
        print(sentence)  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
