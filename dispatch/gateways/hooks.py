"""Where providers call us: each call is read by its provider's own rules, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from dispatch.domain.errors import Forbidden, Invalid
from dispatch.domain.heard import Heard

IDENTIFIER = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: our own public address, headers by any case, the raw body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Hook(Protocol):
    """Reads the calls of one provider; ``name`` is that of its carrier."""

    name: str

    @property
    def is_on(self) -> bool:
        """Whether the secret is known by which the provider signs; without it nothing is read."""
        ...

    def read(self, call: Call) -> tuple[Heard, ...]:
        """Return what is told, nothing where it is no news.

        Raises Forbidden ``forged`` before anything else is looked at, Invalid for what was signed
        and cannot be read.
        """
        ...


def forged() -> Forbidden:
    return Forbidden("forged", "The signature is not the provider's, or is too old.")


def identifier(field: str, value: object) -> str:
    """Return a provider's id as it is kept. Raises Invalid, which names the field."""
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise Invalid({field: "Write it in 1 to 128 printable ASCII characters."})
    return value
