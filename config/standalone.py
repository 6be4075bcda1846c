"""An environment for what touches no data: keys that live as long as the process, and no servers.

`python -m config.standalone COMMAND…` runs a command in it.
"""

import os
import sys

from config.embedded.keys import fresh_keys


def environment() -> dict[str, str]:
    return fresh_keys() | {
        "DATABASE_URL": "django.db.backends.dummy:///none",
        "REDIS_URL": "redis://127.0.0.1:0/0",
    }


if __name__ == "__main__":
    os.environ.update(environment())
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
