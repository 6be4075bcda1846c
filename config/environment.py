"""What differs between installations: read from the environment, or from files that it names.

Each variable in `.env.example` may be given as `NAME_FILE` instead: the path of a file that holds
the value, as Docker, systemd and Kubernetes hand secrets over. What is wrong with a secret is said
in a sentence that does not contain it.
"""

import os
import stat
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

MOUNTED = Path("/run/secrets")
"""Where Docker puts files for one container alone, readable to all who are in it."""
KNOWN = {
    "admin", "changeme", "default", "dispatch", "example", "insecure", "password", "postgres",
    "redis", "root", "secret", "test", "valkey",
}  # fmt: skip
KEY_BYTES = 32
FEWEST_KINDS_OF_BYTES = 8


class Readings(Mapping[str, str]):
    """The environment, in which `NAME` is also there when `NAME_FILE` is."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def __getitem__(self, name: str) -> str:
        path = self.environment.get(f"{name}_FILE")
        if not path:
            return self.environment[name]
        if name in self.environment:
            raise ImproperlyConfigured(f"Both {name} and {name}_FILE are set; set one of them.")
        return _content(f"{name}_FILE", Path(path))

    def __contains__(self, name: object) -> bool:
        return name in self.environment or bool(self.environment.get(f"{name}_FILE"))

    def __iter__(self) -> Iterator[str]:
        """Names of what has a value; of `NAME_FILE` both names."""
        for name in self.environment:
            yield name
            if name.endswith("_FILE") and self.environment[name]:
                yield name.removesuffix("_FILE")

    def __len__(self) -> int:
        return len(list(iter(self)))


class Env(environ.Env):  # type: ignore[misc]
    ENVIRON = Readings(os.environ)


env = Env()


def secret(name: str, *, shortest: int) -> str:
    """The value of a variable that has no default, unless anybody could guess it."""
    value = str(env.ENVIRON.get(name, "")).strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Give it a value, or name a file that holds it in {name}_FILE."
        )
    if is_known(value):
        raise ImproperlyConfigured(f"{name} is a value that everybody knows; choose one at random.")
    if len(value) < shortest:
        raise ImproperlyConfigured(f"{name} has fewer than {shortest} characters.")
    return value


def key(name: str, text: str) -> bytes:
    """Decodes 32 bytes in base64."""
    try:
        value = b64decode(text.strip(), validate=True)
    except (NotBase64, ValueError) as error:
        raise ImproperlyConfigured(f"{name}: a key is not in base64.") from error
    if len(value) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name}: a key has {len(value)} bytes instead of {KEY_BYTES}.")
    if len(set(value)) < FEWEST_KINDS_OF_BYTES:
        raise ImproperlyConfigured(f"{name}: a key is not made at random.")
    return value


def keys(name: str) -> dict[str, bytes]:
    """Several keys by their ids, each "id:32 bytes in base64", in their order."""
    found: dict[str, bytes] = {}
    for entry in secret(name, shortest=KEY_BYTES).split(","):
        key_id, _, text = entry.strip().partition(":")
        if not key_id or key_id in found:
            raise ImproperlyConfigured(f"{name}: each key has an id of its own, as in 1:….")
        found[key_id] = key(name, text)
    return found


def numbered_keys(name: str) -> dict[int, bytes]:
    """Several keys by their numbers, in their order; one that stands alone is number 1."""
    text = secret(name, shortest=KEY_BYTES)
    if ":" not in text:
        return {1: key(name, text)}
    found = keys(name)
    if not all(key_id.isdecimal() and key_id[0] != "0" for key_id in found):
        raise ImproperlyConfigured(f"{name}: keys are numbered as they are added, from 1 on.")
    return {int(key_id): value for key_id, value in found.items()}


def is_known(value: str) -> bool:
    """Whether it is a word from a manual: `change-me`, `django-insecure-…`."""
    plain = value.lower().replace("-", "").replace("_", "").replace(" ", "")
    return plain in KNOWN or plain.startswith(("changeme", "djangoinsecure", "changethis"))


def _content(name: str, path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The file that {name} names cannot be read.") from error
    if mode & stat.S_IRWXO and MOUNTED not in path.resolve().parents:
        raise ImproperlyConfigured(
            f"The file that {name} names is open to everybody on this machine; chmod 600 it."
        )
    return text.strip()
