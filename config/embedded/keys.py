"""Random secrets for one checkout, made once, kept in `var/secrets.env` for its owner alone."""

import base64
import os
import secrets
import tempfile
from pathlib import Path

SERVICE_KEYS = ("SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "AUDIT_KEY")
"""What the settings ask for; the other entries are passwords of the embedded servers."""


def fresh_keys() -> dict[str, str]:
    """New values of everything the settings refuse to start without."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": f"1:{_key_of_32_bytes()}",
        "BLIND_INDEX_KEY": _key_of_32_bytes(),
        "AUDIT_KEY": _key_of_32_bytes(),
    }


def load_or_create(path: Path) -> dict[str, str]:
    """The secrets in the file; when there is none, it is written first, with mode 0600.

    One that an older version wrote gets the keys that were unknown then.
    """
    if not path.exists():
        _write_once(path, fresh_keys() | _fresh_passwords())
    if missing := set(SERVICE_KEYS) - _read(path).keys():
        _add(path, {name: fresh_keys()[name] for name in sorted(missing)})
    return _read(path)


def _read(path: Path) -> dict[str, str]:
    """Of a name that stands there twice, the first value counts."""
    pairs = (line.partition("=") for line in reversed(path.read_text().splitlines()))
    return {name: value for name, separator, value in pairs if separator}


def _add(path: Path, values: dict[str, str]) -> None:
    with path.open("a") as file:
        file.write("".join(f"{name}={value}\n" for name, value in values.items()))


def _fresh_passwords() -> dict[str, str]:
    names = ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APPLICATION_PASSWORD", "VALKEY_PASSWORD")
    return {name: secrets.token_hex(24) for name in names}


def _key_of_32_bytes() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write_once(path: Path, values: dict[str, str]) -> None:
    """Of several processes that write at once, the first to link its file wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()
