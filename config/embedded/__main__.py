"""`python -m config.embedded COMMAND…` runs a command with throwaway servers in its environment."""

import os
import subprocess
import sys

from config.embedded.servers import throwaway


def main(command: list[str]) -> int:
    if not command:
        sys.exit("usage: python -m config.embedded COMMAND [ARGUMENT…]")
    with throwaway() as servers:
        environment = os.environ | servers.environment()
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


sys.exit(main(sys.argv[1:]))
