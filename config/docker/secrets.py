"""Makes the files of secrets that docker-compose.yml names: `-m config.docker.secrets secrets`."""

import secrets
import sys
from pathlib import Path

from config.embedded.keys import fresh_keys

PASSWORDS = ("postgres_password", "owner_password", "application_password", "redis_password")


def values() -> dict[str, str]:
    """By the names of the files; the addresses hold the same passwords as the servers are given."""
    made = {name.lower(): value for name, value in fresh_keys().items()}
    made |= {name: secrets.token_hex(24) for name in PASSWORDS}
    database = "postgresql://dispatch_{}:{}@postgres:5432/dispatch"
    return made | {
        "database_url": database.format("app", made["application_password"]),
        "database_owner_url": database.format("owner", made["owner_password"]),
        "redis_url": f"redis://:{made['redis_password']}@redis:6379/0",
    }


def write(folder: Path) -> None:
    """A folder that only its owner enters; each file is open to the users inside a container."""
    folder.mkdir(mode=0o700)
    for name, value in values().items():
        (folder / name).write_text(f"{value}\n")
        (folder / name).chmod(0o444)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
