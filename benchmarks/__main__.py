"""Runs every benchmark of this folder, one after the other; each prints one JSON line last."""

import pkgutil
import subprocess
import sys

import benchmarks


def main() -> int:
    """Return the number of benchmarks that failed."""
    found = pkgutil.iter_modules(benchmarks.__path__)
    names = [module.name for module in found if not module.ispkg]
    failed = 0
    for name in sorted(set(names) - {"__main__"}):
        print(f"# {name}", flush=True)
        failed += (
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
            != 0
        )
    return failed


if __name__ == "__main__":
    sys.exit(main())
